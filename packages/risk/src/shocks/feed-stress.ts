import { RiskError } from "../errors.ts";
import { divUp, oneBps } from "../fixed-point.ts";

/** How old and how uncertain a price may be. Registered for each underlying. */
export interface FeedLimits {
  /** Up to this age a price counts as today's. */
  readonly freshSeconds: number;
  /** Past this age its instruments are reduce-only. */
  readonly reduceOnlySeconds: number;
  /** The factor on shocks at that age, in basis points. */
  readonly widestBps: number;
  /** Past this uncertainty its instruments are reduce-only. */
  readonly mostUncertaintyBps: number;
}

/** What is known of a price besides the price. */
export interface FeedCondition {
  /** Seconds from the answer to the instant it is used at; an answer from the future has age 0. */
  readonly ageSeconds: number;
  /** Half-width of the interval that the price is in, relative: what a feed with confidence intervals tells. 0 for others. */
  readonly uncertaintyBps: number;
}

/** What a feed's condition does to an underlying. */
export interface FeedStress {
  /** Factor on every price and volatility move, 10000 or more. */
  readonly widenBps: bigint;
  /** Added to every price move, away from zero. */
  readonly addBps: number;
  /** Positions in its instruments may only shrink. */
  readonly reduceOnly: boolean;
}

/** A fresh and certain price. */
export const calmFeed: FeedStress = { widenBps: oneBps, addBps: 0, reduceOnly: false };

/** Limits by which no price could be judged. */
export class InvalidFeedLimits extends RiskError {
  constructor(problem: string) {
    super(
      "INVALID_FEED_LIMITS",
      `Invalid feed limits: ${problem}.`,
      "Give whole numbers: 0 <= fresh < reduce-only age, a widest factor from 10000 to 100000, an uncertainty from 0 to 9999.",
    );
  }
}

/** @throws {InvalidFeedLimits} */
export function validateFeedLimits(limits: FeedLimits): void {
  const { freshSeconds, reduceOnlySeconds, widestBps, mostUncertaintyBps } = limits;
  const numbers = [freshSeconds, reduceOnlySeconds, widestBps, mostUncertaintyBps];
  if (!numbers.every(Number.isSafeInteger)) throw new InvalidFeedLimits("a number is not whole");
  if (freshSeconds < 0 || freshSeconds >= reduceOnlySeconds) throw new InvalidFeedLimits("reduce-only before stale");
  if (widestBps < 10_000 || widestBps > 100_000) throw new InvalidFeedLimits("the widest factor");
  if (mostUncertaintyBps < 0 || mostUncertaintyBps > 9_999) throw new InvalidFeedLimits("the uncertainty");
}

/**
 * A stale or uncertain price widens shocks first and makes its instruments reduce-only later.
 *
 * The factor is 1 up to `freshSeconds`, rises in a straight line to `widestBps` at `reduceOnlySeconds`, rounded up, and
 * stays there. Uncertainty is added to the moves: the price may already be that far off. Never smaller for an older or a less
 * certain price.
 *
 * @throws {InvalidFeedLimits}
 * @example
 * feedStress({ ageSeconds: 2700, uncertaintyBps: 0 },
 *   { freshSeconds: 1800, reduceOnlySeconds: 3600, widestBps: 20_000, mostUncertaintyBps: 100 })
 * // { widenBps: 15000n, addBps: 0, reduceOnly: false }
 */
export function feedStress({ ageSeconds, uncertaintyBps }: FeedCondition, limits: FeedLimits): FeedStress {
  validateFeedLimits(limits);
  const { freshSeconds, reduceOnlySeconds, widestBps, mostUncertaintyBps } = limits;
  const stale = Math.min(Math.max(0, ageSeconds - freshSeconds), reduceOnlySeconds - freshSeconds);
  const widening = divUp(BigInt(widestBps - 10_000) * BigInt(stale), BigInt(reduceOnlySeconds - freshSeconds));
  return {
    widenBps: oneBps + widening,
    addBps: uncertaintyBps,
    reduceOnly: ageSeconds > reduceOnlySeconds || uncertaintyBps > mostUncertaintyBps,
  };
}
