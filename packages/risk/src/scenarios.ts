import { InvalidScenarioSet, UnstressedUnderlying } from "./errors.ts";

/** Rows of joint stresses. Arrays are row-major, rows x underlyings, in basis points; row 0 is the base: no shock. */
export interface ScenarioSet {
  readonly underlyings: readonly string[];
  readonly priceShocksBps: readonly number[];
  readonly volatilityShocksBps: readonly number[];
}

/** More rows than this and a leaf, or a check in a contract, becomes too dear. */
export const mostScenarios = 40;

/**
 * The number of rows of a set that is sound: 1 to 40 rows, row 0 all zero, price shocks whole numbers above -10000.
 * @throws {InvalidScenarioSet}
 * @example validateScenarioSet({ underlyings: ["BTC"], priceShocksBps: [0, -2000], volatilityShocksBps: [0, 0] }) // 2
 */
export function validateScenarioSet(set: ScenarioSet): number {
  const columns = set.underlyings.length;
  if (columns === 0) throw new InvalidScenarioSet("it names no underlying");
  if (new Set(set.underlyings).size !== columns) throw new InvalidScenarioSet("it names an underlying twice");
  const rows = set.priceShocksBps.length / columns;
  if (!Number.isInteger(rows) || rows < 1) throw new InvalidScenarioSet("price shocks do not fill whole rows");
  if (rows > mostScenarios) throw new InvalidScenarioSet(`it has ${rows} rows, more than ${mostScenarios}`);
  if (set.volatilityShocksBps.length !== set.priceShocksBps.length) {
    throw new InvalidScenarioSet("there are not as many volatility shocks as price shocks");
  }
  for (const shocks of [set.priceShocksBps, set.volatilityShocksBps]) {
    if (!shocks.every(Number.isSafeInteger)) throw new InvalidScenarioSet("a shock is not a whole number");
    if (shocks.slice(0, columns).some((shock) => shock !== 0)) throw new InvalidScenarioSet("row 0 has a shock");
  }
  if (set.priceShocksBps.some((shock) => shock <= -10_000)) {
    throw new InvalidScenarioSet("a price shock takes away the whole price");
  }
  return rows;
}

/**
 * One underlying's price shocks, in the order of the rows.
 * @throws {UnstressedUnderlying} where the set has no column for it.
 */
export function priceShocksOf(set: ScenarioSet, underlying: string): readonly number[] {
  return shocksOf(set, underlying).priceShocksBps;
}

/**
 * One underlying's price and volatility shocks, in the order of the rows.
 * @throws {UnstressedUnderlying} where the set has no column for it.
 */
export function shocksOf(set: ScenarioSet, underlying: string) {
  const columns = set.underlyings.length;
  const column = set.underlyings.indexOf(underlying);
  if (column < 0) throw new UnstressedUnderlying(underlying);
  const pick = (shocks: readonly number[]): readonly number[] =>
    shocks.filter((_, index) => index % columns === column);
  return { priceShocksBps: pick(set.priceShocksBps), volatilityShocksBps: pick(set.volatilityShocksBps) };
}
