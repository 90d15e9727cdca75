import { RiskError } from "../errors.ts";
import { abs, divUp, max, min, oneE8 } from "../fixed-point.ts";
import { expQ128 } from "../numerics/exp.ts";
import { fractionBits, ln2Q128, oneQ128 } from "../numerics/q128.ts";
import { integerSqrt } from "../numerics/sqrt.ts";

// Integers alone, so that every operator gets the same volatility. Returns have 8 decimals, variances 16.

/** How volatility is read from a feed's answers. All of it is registered. */
export interface VolatilityRule {
  /** After so many seconds an observation counts half, in the fast and in the slow estimate. */
  readonly fastHalfLifeSeconds: number;
  readonly slowHalfLifeSeconds: number;
  /**
   * Answers are gathered over at least so many seconds before they count as one observation: a feed that answers every few
   * seconds jitters, and its jitter is no volatility. What happens meanwhile is not lost: the farthest answer counts.
   */
  readonly sampleSeconds: number;
  /** Volatility is never taken to be less: what it was in a stressed time, or a share of it. Of an hour, 8 decimals. */
  readonly stressedVolatilityE8: bigint;
  /** The volatility that the scenario set was made for: multiplier 1, and what a feed is taken to have before any answer. Of an hour, 8 decimals. */
  readonly referenceVolatilityE8: bigint;
}

/** One answer of a price feed. */
export interface FeedAnswer {
  readonly priceE8: bigint;
  readonly updatedAtSeconds: number;
}

/** What is carried from one answer to the next: integers only, the same on every machine. */
export interface FeedVolatility {
  /** The answer that the observation under way started at. */
  readonly sampledPriceE8: bigint;
  readonly sampledAtSeconds: number;
  /** The farthest that any answer since then was from it, relative, 8 decimals. */
  readonly excursionE8: bigint;
  /** Of an hour, 16 decimals. */
  readonly fastVarianceE16: bigint;
  readonly slowVarianceE16: bigint;
}

/** A rule by which no volatility can be read. */
export class InvalidVolatilityRule extends RiskError {
  constructor(problem: string) {
    super(
      "INVALID_VOLATILITY_RULE",
      `Invalid volatility rule: ${problem}.`,
      "Give half-lives and a sample of 1 s to ten years, the fast one no longer than the slow, and positive volatilities.",
    );
  }
}

/** @throws {InvalidVolatilityRule} */
export function validateVolatilityRule(rule: VolatilityRule): void {
  const { fastHalfLifeSeconds, slowHalfLifeSeconds, sampleSeconds } = rule;
  for (const seconds of [fastHalfLifeSeconds, slowHalfLifeSeconds, sampleSeconds]) {
    if (!Number.isSafeInteger(seconds) || seconds < 1 || seconds > 315_360_000) {
      throw new InvalidVolatilityRule("a time is not whole seconds from 1 s to ten years");
    }
  }
  if (fastHalfLifeSeconds > slowHalfLifeSeconds) throw new InvalidVolatilityRule("fast is slower than slow");
  if (rule.stressedVolatilityE8 < 0n || rule.referenceVolatilityE8 <= 0n) {
    throw new InvalidVolatilityRule("a volatility is not positive");
  }
}

const secondsPerHour = 3600n;

/**
 * The estimate after one more answer. Feed it every answer of the feed, in the order they came, whatever epochs or cuts lie
 * between them: an epoch that sees only the newest answer misses what happened before it.
 *
 * Answers come at irregular times, so the estimates forget by time, not by count (G. Zumbach, U. Mueller, "Operators on
 * inhomogeneous time series", Int. J. Theor. Appl. Finance 4 (2001)):
 *
 *     variance' = w * variance + (1 - w) * move^2 / hours, w = 2^(-time / half-life)
 *
 * with the time since the last observation, and as its move the farthest answer since, |p' - p| / min(p, p'): never less
 * than the log return either way, and a spike that is over by the end of the observation still counts. Rounded up.
 *
 * An answer that is not positive, or older than the observation under way, changes nothing.
 *
 * @param state `undefined` before the first answer.
 * @throws {InvalidVolatilityRule}
 * @example
 * let state: FeedVolatility | undefined;
 * for (const answer of answers) state = observeAnswer(state, answer, rule);
 */
export function observeAnswer(
  state: FeedVolatility | undefined,
  { priceE8, updatedAtSeconds }: FeedAnswer,
  rule: VolatilityRule,
): FeedVolatility | undefined {
  if (priceE8 <= 0n) return state;
  if (state === undefined) {
    validateVolatilityRule(rule);
    const variance = rule.referenceVolatilityE8 * rule.referenceVolatilityE8;
    return startSample(priceE8, updatedAtSeconds, variance, variance);
  }
  const seconds = updatedAtSeconds - state.sampledAtSeconds;
  if (seconds < 0) return state;
  const move = divUp(abs(priceE8 - state.sampledPriceE8) * oneE8, min(priceE8, state.sampledPriceE8));
  const excursionE8 = max(state.excursionE8, move);
  if (seconds < rule.sampleSeconds) return { ...state, excursionE8 };
  const { fastVarianceE16: fast, slowVarianceE16: slow } = state;
  return startSample(
    priceE8,
    updatedAtSeconds,
    weigh(fast, excursionE8, seconds, rule.fastHalfLifeSeconds),
    weigh(slow, excursionE8, seconds, rule.slowHalfLifeSeconds),
  );
}

function startSample(sampledPriceE8: bigint, sampledAtSeconds: number, fast: bigint, slow: bigint): FeedVolatility {
  return { sampledPriceE8, sampledAtSeconds, excursionE8: 0n, fastVarianceE16: fast, slowVarianceE16: slow };
}

/** Past this many half-lives nothing is left of what was before (and the exponential's range ends). */
const mostHalfLives = 128n;

function weigh(variance: bigint, moveE8: bigint, seconds: number, halfLifeSeconds: number): bigint {
  const halfLives = (BigInt(seconds) << fractionBits) / BigInt(halfLifeSeconds);
  const kept = halfLives > mostHalfLives << fractionBits ? 0n : expQ128(-((halfLives * ln2Q128) >> fractionBits));
  const time = BigInt(seconds);
  const sum = variance * kept * time + moveE8 * moveE8 * secondsPerHour * (oneQ128 - kept);
  return divUp(sum, time << fractionBits);
}

/**
 * The volatility that counts, of an hour, 8 decimals, rounded up: the highest of fast, slow and stressed.
 *
 * The observation under way counts as if it ended now, at the shortest time one may take, where that gives more: up at once.
 * Time that passes without an answer lowers nothing.
 */
export function feedVolatilityE8(state: FeedVolatility | undefined, rule: VolatilityRule): bigint {
  if (state === undefined) return max(rule.referenceVolatilityE8, rule.stressedVolatilityE8);
  const { fastVarianceE16: fast, slowVarianceE16: slow, excursionE8 } = state;
  const { sampleSeconds, fastHalfLifeSeconds, slowHalfLifeSeconds } = rule;
  let variance = max(fast, slow);
  if (excursionE8 > 0n) {
    variance = max(variance, weigh(fast, excursionE8, sampleSeconds, fastHalfLifeSeconds));
    variance = max(variance, weigh(slow, excursionE8, sampleSeconds, slowHalfLifeSeconds));
  }
  return max(squareRootUp(variance), rule.stressedVolatilityE8);
}

/** The least integer whose square is no smaller. */
export function squareRootUp(value: bigint): bigint {
  const root = integerSqrt(value);
  return root * root < value ? root + 1n : root;
}
