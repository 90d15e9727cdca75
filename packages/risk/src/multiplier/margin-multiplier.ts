import { divUp, max, min, oneBps } from "../fixed-point.ts";
import {
  type FeedVolatility,
  feedVolatilityE8,
  InvalidVolatilityRule,
  type VolatilityRule,
} from "./feed-volatility.ts";

/** How shocks follow volatility. All of it is registered, for each underlying. */
export interface MultiplierPolicy extends VolatilityRule {
  readonly floorBps: bigint;
  readonly capBps: bigint;
  /** The largest steps per epoch. A small one down is what lowers margin slowly. */
  readonly mostUpBps: bigint;
  readonly mostDownBps: bigint;
}

/** @throws {InvalidVolatilityRule} unless 0 < floor <= 10000 <= cap and both steps are above 0. */
export function validateMultiplierPolicy({ floorBps, capBps, mostUpBps, mostDownBps }: MultiplierPolicy): void {
  if (floorBps <= 0n || floorBps > oneBps) throw new InvalidVolatilityRule("the floor is outside 1 to 10000");
  if (capBps < oneBps || capBps > 100_000n) throw new InvalidVolatilityRule("the cap is outside 10000 to 100000");
  if (mostUpBps <= 0n || mostDownBps <= 0n) throw new InvalidVolatilityRule("a largest step is not above 0");
}

/**
 * The multiplier of shocks in the next epoch, in basis points.
 *
 * It goes to volatility / reference, rounded up, held between floor and cap: up by at most `mostUpBps`, down by at
 * most `mostDownBps`. A `previousBps` outside floor and cap, which a change of policy may leave, is first brought in.
 *
 * @param previousBps What the epoch before attested; 10000 where there was none.
 * @example nextMultiplierBps(10_000n, state, policy)
 */
export function nextMultiplierBps(
  previousBps: bigint,
  state: FeedVolatility | undefined,
  policy: MultiplierPolicy,
): bigint {
  const within = (bps: bigint) => max(policy.floorBps, min(policy.capBps, bps));
  const from = within(previousBps);
  const target = within(divUp(feedVolatilityE8(state, policy) * oneBps, policy.referenceVolatilityE8));
  return max(from - policy.mostDownBps, min(from + policy.mostUpBps, target));
}
