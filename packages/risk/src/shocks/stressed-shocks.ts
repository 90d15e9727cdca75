import { oneBps } from "../fixed-point.ts";
import { type ScenarioSet, shocksOf } from "../scenarios.ts";
import type { FeedStress } from "./feed-stress.ts";
import { scaleAwayFromZero } from "./volatility-term.ts";

/** One underlying's moves as they are in force, in the order of the rows; row 0 has none. */
export interface UnderlyingShocks {
  readonly priceShocksBps: readonly number[];
  /** For the reference expiry: `expiryScenarios` scales them to others. */
  readonly volatilityShocksBps: readonly number[];
}

/**
 * A registered set's moves of one underlying, times the multiplier in force and what its feed's condition asks for.
 *
 *     price move = sign(shock) * (|shock| * multiplier * widening + uncertainty), volatility move without the last
 *
 * Rounded away from zero once, above -100 %. A row that leaves the underlying's price alone goes on doing so.
 *
 * @throws {UnstressedUnderlying}
 * @example stressedShocks(set, "BTC", 15_000n, calmFeed).priceShocksBps // [0, -1500, 1500] for a set of [0, -1000, 1000]
 */
export function stressedShocks(
  set: ScenarioSet,
  underlying: string,
  multiplierBps: bigint,
  feed: FeedStress,
): UnderlyingShocks {
  const { priceShocksBps, volatilityShocksBps } = shocksOf(set, underlying);
  const factor = (multiplierBps * feed.widenBps + oneBps - 1n) / oneBps;
  return {
    priceShocksBps: priceShocksBps.map((shock) => pushOut(scaleAwayFromZero(shock, factor), feed.addBps)),
    volatilityShocksBps: volatilityShocksBps.map((shock) => scaleAwayFromZero(shock, factor)),
  };
}

function pushOut(shockBps: number, addBps: number): number {
  if (shockBps === 0) return 0;
  return shockBps < 0 ? Math.max(-9_999, shockBps - addBps) : shockBps + addBps;
}
