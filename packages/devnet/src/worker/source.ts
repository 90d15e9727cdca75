import type { Hex } from "viem";
import { endpointAbi } from "../layerzero/abi.ts";
import { confirmations } from "../layerzero/connect.ts";
import type { WorkerChain } from "./chain.ts";
import { packetEvent, type WorkerLog } from "./events.ts";
import { decodePacket, type Packet } from "./packet.ts";

/** Blocks that are read again at every new head: a reorg may have changed them. */
const rescanDepth = 32n;

interface Sighting {
  readonly packet: Packet;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
}

/** Follows the packets of one source chain. */
export interface PacketSource {
  /** Reads what is new and hands over the packets whose confirmations have come. */
  poll(): Promise<void>;
}

export interface PacketSourceOptions {
  readonly chain: WorkerChain;
  readonly onConfirmed: (packet: Packet) => void;
  readonly log: WorkerLog;
}

/**
 * Follows `PacketSent` on one chain from its first block on. A packet counts when enough blocks follow its own, and its
 * log, read again by the hash of that block, is still there.
 *
 * @example
 * const source = packetSource({ chain, onConfirmed: (packet) => destination.add(packet), log });
 * await source.poll();
 */
export function packetSource({ chain, onConfirmed, log }: PacketSourceOptions): PacketSource {
  const waiting = new Map<string, Sighting>();
  /** Packets handed over that a rescan will still meet, with their block. */
  const confirmed = new Map<string, bigint>();
  let head = chain.startBlock - 1n;

  async function poll(): Promise<void> {
    const newHead = await chain.client.getBlockNumber();
    if (newHead === head) return;
    await scan(minimum(head, newHead) - rescanDepth, newHead);
    for (const [key, sighting] of waiting) {
      if (newHead - sighting.blockNumber < BigInt(confirmations)) continue;
      const there = await isStillThere(chain, sighting);
      waiting.delete(key);
      if (there) {
        confirmed.set(key, sighting.blockNumber);
        onConfirmed(sighting.packet);
      } else {
        log(packetEvent("packet-dropped", sighting.packet));
      }
    }
    for (const [key, blockNumber] of confirmed) {
      if (blockNumber < newHead - 2n * rescanDepth) confirmed.delete(key);
    }
    head = newHead;
  }

  async function scan(from: bigint, toBlock: bigint): Promise<void> {
    const logs = await chain.client.getContractEvents({
      address: chain.layerZero.endpoint,
      abi: endpointAbi,
      eventName: "PacketSent",
      fromBlock: from > chain.startBlock ? from : chain.startBlock,
      toBlock,
      strict: true,
    });
    for (const { args, blockNumber, blockHash } of logs) {
      const packet = decodePacket(args.encodedPayload, args.options);
      const key = packetKey(packet);
      if (confirmed.has(key)) continue;
      if (!waiting.has(key)) log(packetEvent("packet-seen", packet));
      waiting.set(key, { packet, blockNumber, blockHash });
    }
  }

  return { poll };
}

/** A reorg may give another message the same guid. */
export function packetKey(packet: Packet): string {
  return `${packet.guid}:${packet.payloadHash}`;
}

async function isStillThere(chain: WorkerChain, { packet, blockNumber, blockHash }: Sighting): Promise<boolean> {
  const block = await chain.client.getBlock({ blockNumber });
  if (block.hash !== blockHash) return false;
  const logs = await chain.client.getContractEvents({
    address: chain.layerZero.endpoint,
    abi: endpointAbi,
    eventName: "PacketSent",
    blockHash,
    strict: true,
  });
  return logs.some(({ args }) => packetKey(decodePacket(args.encodedPayload, args.options)) === packetKey(packet));
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
