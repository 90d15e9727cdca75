import { bytesToHex, type Hex, hexToBytes } from "viem";
import { MalformedPackedArray } from "./errors.ts";

/** Writes one big-endian int64 an entry into `target`; `target` must have 8 bytes an entry. */
export function writePackedInt64(values: BigInt64Array, target: DataView): void {
  for (let index = 0; index < values.length; index++) target.setBigInt64(8 * index, values[index] ?? 0n);
}

/**
 * A risk array or an allotment as contracts read it: one big-endian int64 a scenario.
 * @example packInt64(BigInt64Array.of(1n, -1n)) // "0x0000000000000001ffffffffffffffff"
 */
export function packInt64(values: BigInt64Array): Hex {
  const bytes = new Uint8Array(8 * values.length);
  writePackedInt64(values, new DataView(bytes.buffer));
  return bytesToHex(bytes);
}

/**
 * The inverse of `packInt64`.
 * @throws {MalformedPackedArray}
 */
export function unpackInt64(packed: Hex): BigInt64Array {
  const digits = packed.length - 2;
  if (digits % 16 !== 0 || !/^0x[0-9a-fA-F]*$/.test(packed)) throw new MalformedPackedArray(digits / 2);
  const view = new DataView(hexToBytes(packed).buffer);
  return BigInt64Array.from({ length: digits / 16 }, (_, index) => view.getBigInt64(8 * index));
}
