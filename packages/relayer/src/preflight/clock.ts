import type { ChainConfig } from "@plimsoll/indexer/config";
import { type Finding, looking, well, wrong } from "./finding.ts";
import { readerOf } from "./reader.ts";

/** Operators refuse proposals whose time differs by more than this from theirs. */
const mostSkewSeconds = 30;
/** Every chain's newest block older than this: rather the clock than all chains at once. */
const oldSeconds = 300;

/**
 * This machine's clock against the newest block of every chain that answers. A block from the future shows a clock that
 * is late; one chain that stands still shows nothing, all of them at once a clock that is early.
 */
export function checkClock(
  chains: readonly Pick<ChainConfig, "name" | "rpcUrls">[],
  nowMs: () => number = Date.now,
): Promise<Finding> {
  const subject = "clock";
  const hint = "Have NTP set this machine's clock: chronyc tracking, timedatectl.";
  return looking(subject, async () => {
    const looked = await Promise.all(
      chains.map(async (chain) => {
        const block = await readerOf(chain)
          .getBlock()
          .catch(() => null);
        return block === null
          ? []
          : [{ name: chain.name, ageSeconds: Math.floor(nowMs() / 1000) - Number(block.timestamp) }];
      }),
    );
    const youngest = looked.flat().sort((a, b) => a.ageSeconds - b.ageSeconds)[0];
    if (youngest === undefined)
      return wrong(subject, "no chain answers to compare it with", "See the chains' findings.");
    const { name, ageSeconds } = youngest;
    if (ageSeconds < -mostSkewSeconds) {
      return wrong(subject, `the newest block of ${name} is ${-ageSeconds} s in the future: the clock is late`, hint);
    }
    if (ageSeconds > oldSeconds) {
      const problem = `the newest block of every chain is ${ageSeconds} s old or older: the clock is early, or all stand still`;
      return wrong(subject, problem, hint);
    }
    return well(subject);
  });
}
