import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/clock.ts";

/** Time that passes only where somebody waits. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function manualClock(startMs: number): ManualClock {
  let now = startMs;
  return {
    nowMs: () => now,
    async sleep(ms) {
      now += ms;
      await setImmediate();
    },
    advance(ms) {
      now += ms;
    },
  };
}
