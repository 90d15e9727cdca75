import { abs, divUp, max, min, oneBps } from "../fixed-point.ts";

// Integers alone, so that every operator gets the same multiplier. Returns have 8 decimals, variances 16.

/** How shocks follow volatility. All of it is registered. */
export interface MultiplierPolicy {
  /** Weights of the variance so far, of 1e8, per observation: the fast one forgets sooner. */
  readonly fastWeightE8: bigint;
  readonly slowWeightE8: bigint;
  /** Volatility is taken to be at least this: what it was in a stressed time, or a share of it. */
  readonly stressedVolatilityE8: bigint;
  /** The volatility that the scenario set was made for: multiplier 1. */
  readonly referenceVolatilityE8: bigint;
  readonly floorBps: bigint;
  readonly capBps: bigint;
  /** The largest steps per epoch. A small one down is what lowers margin slowly. */
  readonly mostUpBps: bigint;
  readonly mostDownBps: bigint;
}

/** What is carried from one observation to the next. */
export interface VolatilityState {
  readonly fastVarianceE16: bigint;
  readonly slowVarianceE16: bigint;
}

/**
 * Both variances after one more observation of a feed, a fixed interval after the last one:
 *
 *     variance' = w * variance + (1 - w) * return^2, return = price' / price - 1
 *
 * (RiskMetrics 1996), everything rounded up: never less than the exact figure.
 * @param previousE8 Positive.
 */
export function observePrice(
  state: VolatilityState,
  previousE8: bigint,
  priceE8: bigint,
  policy: MultiplierPolicy,
): VolatilityState {
  const returnE8 = divUp(abs(priceE8 - previousE8) * 100_000_000n, previousE8);
  const square = returnE8 * returnE8;
  return {
    fastVarianceE16: weigh(state.fastVarianceE16, square, policy.fastWeightE8),
    slowVarianceE16: weigh(state.slowVarianceE16, square, policy.slowWeightE8),
  };
}

/** The volatility that counts, per interval, 8 decimals: the highest of fast, slow and stressed, rounded up. */
export function volatilityE8(state: VolatilityState, policy: MultiplierPolicy): bigint {
  const variance = max(state.fastVarianceE16, state.slowVarianceE16);
  return max(squareRootUp(variance), policy.stressedVolatilityE8);
}

/**
 * The multiplier of price shocks in the next epoch, in basis points.
 *
 * It goes to volatility / reference, rounded up, held between floor and cap: up by at most `mostUpBps`, down by at
 * most `mostDownBps`. A `previousBps` outside floor and cap, which a change of policy may leave, is first brought in.
 *
 * @example nextMultiplierBps(10_000n, { fastVarianceE16, slowVarianceE16 }, policy)
 */
export function nextMultiplierBps(previousBps: bigint, state: VolatilityState, policy: MultiplierPolicy): bigint {
  const within = (bps: bigint) => max(policy.floorBps, min(policy.capBps, bps));
  const from = within(previousBps);
  const target = within(divUp(volatilityE8(state, policy) * oneBps, policy.referenceVolatilityE8));
  return max(from - policy.mostDownBps, min(from + policy.mostUpBps, target));
}

/** A price shock times the multiplier, away from zero, above -100 %. */
export function scaleShockBps(shockBps: number, multiplierBps: bigint): number {
  const scaled = Number(divUp(abs(BigInt(shockBps)) * multiplierBps, oneBps));
  if (shockBps < 0) return -Math.min(9_999, scaled);
  return scaled;
}

function weigh(variance: bigint, square: bigint, weightE8: bigint): bigint {
  return divUp(variance * weightE8 + square * (100_000_000n - weightE8), 100_000_000n);
}

/** The least integer whose square is no smaller (Newton's method on integers). */
export function squareRootUp(value: bigint): bigint {
  if (value <= 1n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return root * root < value ? root + 1n : root;
}
