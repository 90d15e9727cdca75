/** How much of something a provider takes, which it never says in advance: found out by asking for more until it refuses. */
export interface AdaptiveLimit {
  /** Infinity until something has been refused, where it began there. */
  readonly value: number;
  /**
   * The provider refused, or gave no answer, while `used` was asked of it: at most half of that from now on. What comes
   * within a second of it, or before `untilMs`, is the same refusal.
   */
  lower(used: number, untilMs?: number): void;
  /** The provider answered: once a second, a little more. */
  raise(): void;
}

/** How long refusals are one and the same, and how often a limit is raised. */
export const adjustedEveryMs = 1_000;
/** What is added every second: this share of the limit, and something at least. */
const increaseShare = 0.05;

/**
 * Slow increase, multiplicative decrease, much as TCP finds the width of a line.
 *
 * @example
 * const perSecond = adaptiveLimit({ nowMs: Date.now, first: Infinity, least: 0.5, most: Infinity, leastIncrease: 0.1 });
 */
export function adaptiveLimit(options: {
  readonly nowMs: () => number;
  readonly first: number;
  readonly least: number;
  readonly most: number;
  /** What a second without refusal adds at least. */
  readonly leastIncrease: number;
}): AdaptiveLimit {
  const { nowMs, first, least, most, leastIncrease } = options;
  let value = first;
  let loweredAtMs = Number.NEGATIVE_INFINITY;
  let raisedAtMs = 0;
  return {
    get value() {
      return value;
    },
    lower(used, untilMs = nowMs()) {
      raisedAtMs = Math.max(raisedAtMs, untilMs);
      if (nowMs() - loweredAtMs < adjustedEveryMs) return;
      loweredAtMs = untilMs;
      value = Math.max(least, Math.min(value, used) / 2);
    },
    raise() {
      const now = nowMs();
      if (now - raisedAtMs < adjustedEveryMs) return;
      raisedAtMs = now;
      value = Math.min(most, value + Math.max(leastIncrease, value * increaseShare));
    },
  };
}
