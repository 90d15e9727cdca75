import { ScenarioCountMismatch } from "./errors.ts";
import { abs, divUp, oneE8 } from "./fixed-point.ts";

/** An instrument as a portfolio is valued with it, USD with 8 decimals, all a unit. */
export interface InstrumentValuation {
  readonly notional: bigint;
  readonly charge: bigint;
  /** The risk array. */
  readonly prices: BigInt64Array;
}

/** A size, in units with 8 decimals, of one instrument. */
export interface Holding {
  readonly size: bigint;
  readonly instrument: InstrumentValuation;
}

/**
 * A portfolio's value in every scenario, exact, with 16 decimals: cash + sum(size * price - |size| * charge).
 * @throws {ScenarioCountMismatch} when a risk array has not `scenarios` entries.
 * @example
 * const instrument = { notional: 5_00000000n, charge: 1n, prices: BigInt64Array.of(5_00000000n, 4_00000000n) };
 * portfolioValuesE16(0n, [{ size: 1_00000000n, instrument }], 2) // [49999999900000000n, 39999999900000000n]
 */
export function portfolioValuesE16(cash: bigint, holdings: readonly Holding[], scenarios: number): bigint[] {
  const values = new Array<bigint>(scenarios).fill(cash * oneE8);
  for (const { size, instrument } of holdings) {
    if (instrument.prices.length !== scenarios) throw new ScenarioCountMismatch(scenarios, instrument.prices.length);
    const charge = abs(size) * instrument.charge;
    for (let s = 0; s < scenarios; s++) {
      values[s] = (values[s] ?? 0n) + size * (instrument.prices[s] ?? 0n) - charge;
    }
  }
  return values;
}

/**
 * A portfolio's loss in every scenario: minus its value, USD with 8 decimals, rounded up (against the account).
 * Negative where it gains.
 * @throws {ScenarioCountMismatch}
 * @example portfolioLosses(-2_00000000n, [], 2) // [200000000n, 200000000n]
 */
export function portfolioLosses(cash: bigint, holdings: readonly Holding[], scenarios: number): bigint[] {
  return portfolioValuesE16(cash, holdings, scenarios).map((value) => divUp(-value, oneE8));
}

/** Sum of |size| * notional, exact, with 16 decimals. */
export function grossNotionalE16(holdings: readonly Holding[]): bigint {
  return holdings.reduce((gross, { size, instrument }) => gross + abs(size) * instrument.notional, 0n);
}

/** Sum of |size| * notional, USD with 8 decimals, rounded up. */
export function grossNotional(holdings: readonly Holding[]): bigint {
  return divUp(grossNotionalE16(holdings), oneE8);
}
