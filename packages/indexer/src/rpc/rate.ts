/** How fast one endpoint is asked. Never faster than it allows, never slower than it has to be. */
export interface RequestRate {
  /** Resolves when the next request may go out. */
  acquire(): Promise<void>;
  succeeded(): void;
  /** The provider said that it was too much; `retryAfterMs` where it said for how long to wait. */
  limited(retryAfterMs?: number): void;
  /** Requests a second; null while no limit has been met. */
  readonly perSecond: number | null;
}

export interface RequestRateOptions {
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

const leastPerSecond = 0.5;
const windowMs = 1_000;
/** Requests whose time is kept before older ones are forgotten. */
const remembered = 4_096;
/** What is added to the rate for every second without a refusal: a share of it, and something at least. */
const increaseShare = 0.05;
const leastIncrease = 0.1;
const defaultPauseMs = 1_000;
const longestPauseMs = 60_000;

/**
 * Slow increase, multiplicative decrease, much as TCP finds the width of a line: no limit until the provider names one,
 * then half of what was sent in the second before, then a little more every second. Many refusals at once are one.
 */
export function requestRate({ nowMs, sleep }: RequestRateOptions): RequestRate {
  let perSecond: number | null = null;
  let sent: number[] = [];
  let nextAtMs = 0;
  let pausedUntilMs = 0;
  let decreasedAtMs = Number.NEGATIVE_INFINITY;
  let increasedAtMs = 0;

  const sentLately = (now: number): number => {
    sent = sent.filter((at) => at > now - windowMs);
    return sent.length;
  };
  return {
    get perSecond() {
      return perSecond;
    },
    async acquire() {
      const now = nowMs();
      if (perSecond === null && now >= pausedUntilMs) {
        if (sent.length > remembered) sentLately(now);
        sent.push(now);
        return;
      }
      const at = Math.max(now, nextAtMs, pausedUntilMs);
      nextAtMs = at + 1_000 / (perSecond ?? Number.POSITIVE_INFINITY);
      if (sent.length > remembered) sentLately(now);
      sent.push(at);
      if (at > now) await sleep(at - now);
    },
    succeeded() {
      const now = nowMs();
      if (perSecond === null || now - increasedAtMs < windowMs) return;
      perSecond += Math.max(leastIncrease, perSecond * increaseShare);
      increasedAtMs = now;
    },
    limited(retryAfterMs = defaultPauseMs) {
      const now = nowMs();
      pausedUntilMs = Math.max(pausedUntilMs, now + Math.min(retryAfterMs, longestPauseMs));
      increasedAtMs = pausedUntilMs;
      if (now - decreasedAtMs < windowMs) return;
      decreasedAtMs = pausedUntilMs;
      const observed = Math.max(sentLately(now), 1);
      perSecond = Math.max(leastPerSecond, Math.min(perSecond ?? observed, observed) / 2);
    },
  };
}
