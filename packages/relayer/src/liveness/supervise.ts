import type { ChainConfig } from "@plimsoll/indexer/config";
import type { ChainStatus } from "@plimsoll/indexer/indexer";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { readerOf } from "../preflight/reader.ts";
import { createWatchdog, type StalledError } from "./watchdog.ts";

export interface Supervision {
  /** The epoch loop went round. */
  beat(): void;
  /** Looks until `signal` aborts or something is stalled. */
  run(signal: AbortSignal, onStall: (error: StalledError) => void): Promise<void>;
}

/** Watches over a running node's chains and its epoch loop; a limit of 0 watches over nothing. */
export function createSupervision(options: {
  readonly stallSeconds: number;
  readonly chains: readonly ChainConfig[];
  readonly statuses: () => readonly ChainStatus[];
  readonly clock: Clock;
  readonly log: Logger;
}): Supervision {
  const { stallSeconds, chains, statuses, clock, log } = options;
  // Monotonic: a clock that was set must not end the process.
  const nowMs = () => performance.now();
  const watchdog = createWatchdog({
    stallMs: stallSeconds * 1_000,
    nowMs,
    statuses,
    async headOf(eid) {
      const chain = chains.find((one) => one.eid === eid);
      if (chain === undefined) return null;
      const head = await readerOf(chain)
        .getBlockNumber()
        .catch(() => null);
      log.warn({ eid, chain: chain.name, head: head === null ? null : Number(head) }, "chain has not moved for long");
      return head === null ? null : Number(head);
    },
  });
  const lookEveryMs = Math.max(250, Math.min(5_000, (stallSeconds * 1_000) / 4));
  return {
    beat: watchdog.beat,
    async run(signal, onStall) {
      if (stallSeconds === 0) return;
      while (!signal.aborted) {
        const stalled = await watchdog.look();
        if (stalled !== null) return onStall(stalled);
        await clock.sleep(lookEveryMs, signal);
      }
    },
  };
}
