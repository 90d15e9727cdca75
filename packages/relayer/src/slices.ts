import { setImmediate } from "node:timers/promises";
import type { Steps } from "@plimsoll/protocol/steps";

/** Short enough that nobody notices, long enough that the pauses cost nothing. */
const leastMs = 10;
const mostMs = 250;

let slicedMs = 0;

/** What slices have taken of this thread so far, in milliseconds. */
export const inSlicesMs = (): number => slicedMs;

/**
 * Runs a long computation in slices, with everything else that the process has to do in between. Each slice is at least
 * as long as what others took before it, up to a quarter of a second: however much is asked of the node meanwhile, the
 * computation has half of the thread.
 */
export async function inSlices<Result>(steps: Steps<Result>): Promise<Result> {
  let sliceMs = leastMs;
  for (;;) {
    const step = runFor(steps, sliceMs);
    if (step.done) return step.value;
    const pausedMs = performance.now();
    await setImmediate();
    sliceMs = Math.min(mostMs, Math.max(leastMs, performance.now() - pausedMs));
  }
}

function runFor<Result>(steps: Steps<Result>, sliceMs: number): IteratorResult<undefined, Result> {
  const [startMs, worked] = [performance.now(), process.threadCpuUsage()];
  try {
    for (;;) {
      const step = steps.next();
      if (step.done || performance.now() - startMs >= sliceMs) return step;
    }
  } finally {
    const { user, system } = process.threadCpuUsage(worked);
    slicedMs += (user + system) / 1_000;
  }
}
