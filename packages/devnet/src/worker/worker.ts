import { setTimeout as sleep } from "node:timers/promises";
import type { WorkerChain } from "./chain.ts";
import { packetDestination, type WorkerKeys } from "./destination.ts";
import type { WorkerLog } from "./events.ts";
import type { Packet } from "./packet.ts";
import { packetSource } from "./source.ts";

const pollIntervalMs = 200;

/** A running DVN and executor. */
export interface Worker {
  /** From now on messages are verified but not executed. */
  pauseExecutor(): void;
  resumeExecutor(): void;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly chains: readonly WorkerChain[];
  readonly keys: WorkerKeys;
  readonly log?: WorkerLog;
}

/**
 * Does what a DVN and an executor do, between all the chains given: packets sent on one are verified and executed on
 * another. It keeps nothing: a new worker reads from the chains what is left to do. A chain that does not answer holds
 * up no other.
 *
 * @example
 * const worker = startWorker({ chains, keys, log: console.log });
 * await worker.stop();
 */
export function startWorker({ chains, keys, log = () => {} }: WorkerOptions): Worker {
  const abort = new AbortController();
  const { signal } = abort;
  const destinations = new Map(chains.map((chain) => [chain.eid, packetDestination({ chain, keys, log, signal })]));
  let executing = true;

  async function forever(chain: WorkerChain, turn: () => Promise<void>): Promise<void> {
    let reachable = true;
    while (!signal.aborted) {
      try {
        await turn();
        reachable = true;
      } catch (error) {
        if (reachable && !signal.aborted) {
          log({ msg: "chain-unreachable", chain: chain.name, reason: error instanceof Error ? error.message : "" });
        }
        reachable = false;
      }
      await sleep(pollIntervalMs, undefined, { signal }).catch(() => {});
    }
  }

  const loops = chains.flatMap((chain) => {
    const onConfirmed = (packet: Packet) => destinations.get(packet.dstEid)?.add(packet);
    const source = packetSource({ chain, onConfirmed, log });
    const destination = destinations.get(chain.eid);
    return [forever(chain, source.poll), forever(chain, async () => destination?.poll(executing))];
  });

  return {
    pauseExecutor: () => {
      executing = false;
    },
    resumeExecutor: () => {
      executing = true;
    },
    stop: async () => {
      abort.abort();
      await Promise.all(loops);
    },
  };
}
