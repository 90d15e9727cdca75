import { type Address, type Hash, type Hex, isAddressEqual, parseEventLogs, type TransactionReceipt } from "viem";
import { dvnAbi, endpointAbi, executorAbi, receiveUlnAbi } from "../layerzero/abi.ts";
import { receiptOf } from "../receipts.ts";
import type { WorkerChain } from "./chain.ts";
import { packetEvent, type WorkerLog } from "./events.ts";
import { originOf, type Packet } from "./packet.ts";
import { signVerification } from "./sign.ts";
import { packetKey } from "./source.ts";
import { type PacketStatus, packetStatus, verifiedNonce } from "./status.ts";

/** Packets moved in one go, so that the DVN's transaction stays small. */
const mostAtOnce = 16;
/** A delivery is looked at once more after so many blocks: its own chain may have dropped it. */
const settleBlocks = 4n;
const firstDelayMs = 500;
const longestDelayMs = 15_000;
const dvnGas = 150_000n;
const gasPerVerification = 150_000n;
const commitGas = 400_000n;
const executeGas = 250_000n;

/** Who pays and who signs on a destination chain. */
export interface WorkerKeys {
  readonly sender: Address;
  readonly dvnSigners: readonly Hex[];
}

interface Job {
  readonly packet: Packet;
  readonly attempts: number;
  readonly notBeforeMs: number;
  readonly deliveredAt: bigint | null;
}

interface Step {
  readonly job: Job;
  readonly status: PacketStatus;
  readonly execute: boolean;
}

/** Verifies and executes packets on one destination chain. */
export interface PacketDestination {
  add(packet: Packet): void;
  /** Moves every packet on as far as the chain allows now. */
  poll(executing: boolean): Promise<void>;
}

export interface PacketDestinationOptions {
  readonly chain: WorkerChain;
  readonly keys: WorkerKeys;
  readonly log: WorkerLog;
  /** Ends a wait for a block that may never come. */
  readonly signal: AbortSignal;
}

/**
 * DVN and executor of one destination chain. What a packet needs next is read from the chain each time, so a worker
 * that was killed half-way goes on where it stopped.
 *
 * @example
 * const destination = packetDestination({ chain, keys, log, signal });
 * destination.add(packet);
 * await destination.poll(true);
 */
export function packetDestination({ chain, keys, log, signal }: PacketDestinationOptions): PacketDestination {
  const jobs = new Map<string, Job>();

  async function poll(executing: boolean): Promise<void> {
    const steps = await plan(executing);
    if (steps.length === 0) return;
    const receipts = await carryOut(steps);
    for (const step of steps) await conclude(step, receipts);
  }

  async function plan(executing: boolean): Promise<Step[]> {
    const head = jobs.size > 0 ? await chain.client.getBlockNumber() : 0n;
    const steps: Step[] = [];
    const reach = new Map<string, bigint>();
    const due = [...jobs.values()].filter((job) => isDue(job, head)).sort(byNonce);
    for (const job of due) {
      if (steps.length === mostAtOnce) break;
      const status = await packetStatus(chain, job.packet);
      if (status === "delivered") {
        settle(job, head);
        continue;
      }
      const path = `${job.packet.srcEid}:${job.packet.sender}:${job.packet.receiver}`;
      let verified = reach.get(path) ?? (await verifiedNonce(chain, job.packet));
      if (status !== "verified" && job.packet.nonce === verified + 1n) verified += 1n;
      reach.set(path, verified);
      const execute = executing && job.packet.nonce <= verified;
      if (status !== "verified" || execute) steps.push({ job, status, execute });
      else jobs.set(packetKey(job.packet), { ...job, notBeforeMs: Date.now() + firstDelayMs });
    }
    return steps;
  }

  async function carryOut(steps: readonly Step[]): Promise<TransactionReceipt[]> {
    const { client, layerZero } = chain;
    let nonce = await client.getTransactionCount({ address: keys.sender, blockTag: "pending" });
    const common = { account: keys.sender, chain: null };
    const hashes: Hash[] = [];
    const unverified = steps.filter(({ status }) => status === "unverified");
    if (unverified.length > 0) {
      const instructions = await Promise.all(
        unverified.map(({ job }) => signVerification(layerZero, job.packet, keys.dvnSigners)),
      );
      hashes.push(
        await client.writeContract({
          ...common,
          address: layerZero.dvn,
          abi: dvnAbi,
          functionName: "execute",
          args: [instructions],
          nonce: nonce++,
          gas: dvnGas + gasPerVerification * BigInt(instructions.length),
        }),
      );
    }
    for (const { job, status } of steps) {
      if (status === "verified") continue;
      hashes.push(
        await client.writeContract({
          ...common,
          address: layerZero.receiveLibrary,
          abi: receiveUlnAbi,
          functionName: "commitVerification",
          args: [job.packet.header, job.packet.payloadHash],
          nonce: nonce++,
          gas: commitGas,
        }),
      );
    }
    for (const { job, execute } of steps) {
      if (!execute) continue;
      const { receiver, guid, message, receiveGas, receiveValue } = job.packet;
      hashes.push(
        await client.writeContract({
          ...common,
          address: layerZero.executor,
          abi: executorAbi,
          functionName: "execute302",
          args: [{ receiver, origin: originOf(job.packet), guid, message, extraData: "0x", gasLimit: receiveGas }],
          value: receiveValue,
          nonce: nonce++,
          // A call keeps back a 64th of the gas there is.
          gas: executeGas + (receiveGas * 64n) / 63n,
        }),
      );
    }
    return Promise.all(hashes.map((hash) => receiptOf(client, hash, { pollMs: 100, signal })));
  }

  /** Neither the DVN nor the executor revert when they fail: what happened is in the logs and in the state. */
  async function conclude({ job, status, execute }: Step, receipts: readonly TransactionReceipt[]): Promise<void> {
    const now = await packetStatus(chain, job.packet);
    if (status !== "verified" && (now === "verified" || now === "delivered")) {
      log(packetEvent("packet-verified", job.packet));
    }
    if (now === "delivered") {
      log(packetEvent("packet-delivered", job.packet));
      settle(job, receipts.at(-1)?.blockNumber ?? 0n);
    } else if (now === "verified" && execute && wasRefused(job.packet, receipts)) {
      log(packetEvent("packet-failed", job.packet));
      jobs.delete(packetKey(job.packet));
    } else if (now !== "verified" || execute) {
      log(packetEvent("packet-delayed", job.packet));
      const delayMs = Math.min(firstDelayMs * 2 ** job.attempts, longestDelayMs);
      jobs.set(packetKey(job.packet), { ...job, attempts: job.attempts + 1, notBeforeMs: Date.now() + delayMs });
    }
  }

  function settle(job: Job, head: bigint): void {
    if (job.deliveredAt !== null) jobs.delete(packetKey(job.packet));
    else jobs.set(packetKey(job.packet), { ...job, deliveredAt: head });
  }

  function wasRefused(packet: Packet, receipts: readonly TransactionReceipt[]): boolean {
    const logs = receipts.flatMap((receipt) => receipt.logs);
    return parseEventLogs({ abi: endpointAbi, eventName: "LzReceiveAlert", logs }).some(
      ({ address, args }) => isAddressEqual(address, chain.layerZero.endpoint) && args.guid === packet.guid,
    );
  }

  return {
    add: (packet) => {
      jobs.set(packetKey(packet), { packet, attempts: 0, notBeforeMs: 0, deliveredAt: null });
    },
    poll,
  };
}

function isDue(job: Job, head: bigint): boolean {
  if (job.deliveredAt !== null) return head >= job.deliveredAt + settleBlocks || head < job.deliveredAt;
  return job.notBeforeMs <= Date.now();
}

function byNonce(a: Job, b: Job): number {
  return a.packet.nonce < b.packet.nonce ? -1 : a.packet.nonce > b.packet.nonce ? 1 : 0;
}
