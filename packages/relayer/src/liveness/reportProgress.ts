import type { ChainStatus } from "@plimsoll/indexer/indexer";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { progressLine } from "./bar.ts";
import type { Progress } from "./progress.ts";

/** Further behind than this, a chain is being caught up with rather than followed. */
export const mostLagBlocks = 64;
const sampleMs = 1_000;
const logEveryMs = 10_000;

/**
 * Samples progress every second, and tells of chains that are far behind: a line in the log every ten seconds, and bars
 * on a terminal.
 *
 * @param terminal where bars are drawn; null where there is none.
 */
export async function reportProgress(options: {
  readonly progress: Progress;
  readonly statuses: () => readonly ChainStatus[];
  readonly startBlockOf: (eid: number) => number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly terminal: { write(text: string): unknown } | null;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { progress, statuses, startBlockOf, clock, log, terminal, signal } = options;
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  let drawn = 0;
  while (!signal.aborted) {
    const all = statuses();
    progress.sample(all);
    const behind = all.filter(({ lagBlocks }) => lagBlocks > mostLagBlocks);
    if (behind.length > 0 && clock.nowMs() - loggedAtMs >= logEveryMs) {
      loggedAtMs = clock.nowMs();
      for (const { eid, name, indexed, feedsReadTo, head } of behind) {
        const { blocksPerSecond, secondsLeft } = progress.of(eid);
        log.info({ chain: name, eid, indexed, feedsReadTo, head, blocksPerSecond, secondsLeft }, "catching up");
      }
    }
    if (terminal !== null && (behind.length > 0 || drawn > 0)) {
      const lines = behind.map(
        (one) => `${progressLine({ ...one, start: startBlockOf(one.eid) }, progress.of(one.eid))}\n`,
      );
      // Over the lines drawn before.
      terminal.write(`${drawn > 0 ? `\u001b[${drawn}A\u001b[J` : ""}${lines.join("")}`);
      drawn = lines.length;
    }
    await clock.sleep(sampleMs, signal);
  }
}
