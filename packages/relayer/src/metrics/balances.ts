import type { ChainConfig } from "@plimsoll/indexer/config";
import { type Address, formatEther } from "viem";
import type { Clock } from "../clock.ts";
import { readerOf } from "../preflight/reader.ts";

/** In units of the chain's native currency: for people and alarms, not for accounts. */
export interface Balance {
  readonly chain: string;
  readonly eid: number;
  readonly native: number;
}

const lookEveryMs = 60_000;

/** Looks once a minute at what a key has on every chain. A chain that does not answer keeps its last value. */
export function createBalances(chains: readonly ChainConfig[], owner: Address) {
  const known = new Map<number, Balance>();
  return {
    newest: (): readonly Balance[] => [...known.values()],
    async run(clock: Clock, signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await Promise.all(
          chains.map(async (chain) => {
            const wei = await readerOf(chain)
              .getBalance({ address: owner })
              .catch(() => null);
            if (wei !== null)
              known.set(chain.eid, { chain: chain.name, eid: chain.eid, native: Number(formatEther(wei)) });
          }),
        );
        await clock.sleep(lookEveryMs, signal);
      }
    },
  };
}
