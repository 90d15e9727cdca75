import { max, oneBps } from "../fixed-point.ts";
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
 * In rows that move underlyings apart (prices not all one way, a stablecoin's fall among them) a multiplier below 1 counts as 1: calm says
 * how far each of them moves, not that they will go on moving together.
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
  const together = factorOf(multiplierBps, feed);
  const apart = factorOf(max(oneBps, multiplierBps), feed);
  const factors = priceShocksBps.map((_, row) => (movesApart(set, row) ? apart : together));
  const scale = (shock: number, row: number) => scaleAwayFromZero(shock, factors[row] ?? apart);
  return {
    priceShocksBps: priceShocksBps.map((shock, row) => pushOut(scale(shock, row), feed.addBps)),
    volatilityShocksBps: volatilityShocksBps.map(scale),
  };
}

function factorOf(multiplierBps: bigint, { widenBps }: FeedStress): bigint {
  return (multiplierBps * widenBps + oneBps - 1n) / oneBps;
}

/** Whether some price moves in the row and not all of them move the same way. */
function movesApart({ underlyings, priceShocksBps }: ScenarioSet, row: number): boolean {
  const columns = underlyings.length;
  const signs = new Set(priceShocksBps.slice(row * columns, (row + 1) * columns).map(Math.sign));
  return signs.size > 1;
}

function pushOut(shockBps: number, addBps: number): number {
  if (shockBps === 0) return 0;
  return shockBps < 0 ? Math.max(-9_999, shockBps - addBps) : shockBps + addBps;
}
