import { type Hex, hexToBytes, keccak256 } from "viem";
import type { Log } from "./wire.ts";

// Ethereum's logs bloom (yellow paper, 4.3.1): 2048 bits, three of them set for each address and topic.

const bloomBytes = 256;

/** The same few contracts and topics are looked for in every block; hashing them anew is most of the work. */
const cache = new Map<Hex, readonly number[]>();
const cachedAtMost = 4096;

/** Positions of the three bits of one address or topic. */
function bitsOf(item: Hex): readonly number[] {
  const known = cache.get(item);
  if (known !== undefined) return known;
  const bits = hashedBits(item);
  if (cache.size >= cachedAtMost) cache.clear();
  cache.set(item, bits);
  return bits;
}

function hashedBits(item: Hex): readonly number[] {
  const digest = hexToBytes(keccak256(item));
  return [0, 2, 4].map((at) => (((digest[at] ?? 0) << 8) | (digest[at + 1] ?? 0)) & 2047);
}

/** A bloom, ready to be asked. */
export interface Bloom {
  /** False: certainly not in the block. True: perhaps. */
  mayContain(item: Hex): boolean;
}

/**
 * Reads a header's `logsBloom`.
 *
 * @example
 * parseBloom(header.logsBloom).mayContain(address);
 */
export function parseBloom(logsBloom: Hex): Bloom {
  const bytes = hexToBytes(logsBloom);
  return {
    mayContain: (item) =>
      bitsOf(item).every((bit) => ((bytes[bloomBytes - 1 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0),
  };
}

/** The bloom that a header with exactly these logs has. Equal to the header's own: no log is missing. */
export function bloomOf(logs: readonly Log[]): Hex {
  const bytes = new Uint8Array(bloomBytes);
  for (const log of logs) {
    for (const item of [log.address, ...log.topics]) {
      for (const bit of bitsOf(item)) {
        const at = bloomBytes - 1 - (bit >> 3);
        bytes[at] = (bytes[at] ?? 0) | (1 << (bit & 7));
      }
    }
  }
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
