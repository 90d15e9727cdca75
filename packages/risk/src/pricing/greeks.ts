import { exp } from "../numerics/exp-double.ts";
import { normalCdf, normalDensity } from "../numerics/normal.ts";
import { InvalidPricingInput } from "./errors.ts";
import { type Instrument, type Market, optionInputsOf, price } from "./instrument.ts";
import { lnRatio } from "./option.ts";

/** How one unit's value answers to what it depends on. Each is a partial derivative: the other inputs hold still. */
export interface Greeks {
  /** USD a USD of the index. */
  readonly delta: number;
  /** Delta a USD of the index. */
  readonly gamma: number;
  /** USD a 1.00 of volatility, i.e. 100 times the value of a point. */
  readonly vega: number;
  /** USD a year that passes while index, volatility and rates hold still; divide by 365 for a day. */
  readonly theta: number;
  /** USD a 1.00 of the discount rate, the forward held still. */
  readonly rho: number;
}

/**
 * Greeks of one unit of an instrument, from the derivatives of Black's formula. The forward moves with the index
 * (F = S e^(bT)), so delta and gamma are those of the index.
 *
 * Formulas: E. G. Haug, "The Complete Guide to Option Pricing Formulas" (2nd ed. 2007), chapter 2, with cost of carry b. At
 * expiry an option has delta 0 or 1 and nothing else; exactly at the strike half a delta.
 *
 * @throws {InvalidPricingInput} where `price` does.
 * @example greeks({ kind: "perpetual", multiplier: 1 }, { index: 4000 }) // { delta: 1, gamma: 0, vega: 0, theta: 0, rho: 0 }
 */
export function greeks(instrument: Instrument, market: Market): Greeks {
  const value = price(instrument, market);
  const { multiplier } = instrument;
  if (instrument.kind === "perpetual") return { delta: multiplier, gamma: 0, vega: 0, theta: 0, rho: 0 };
  const basis = market.basisRate ?? 0;
  if (instrument.kind === "future") {
    return { delta: value / market.index, gamma: 0, vega: 0, theta: -basis * value, rho: 0 };
  }
  const { kind, forward, strike, volatility, yearsToExpiry, discountRate } = optionInputsOf(instrument, market);
  const carry = (forward / market.index) * exp(-discountRate * yearsToExpiry) * multiplier;
  const sign = kind === "call" ? 1 : -1;
  const deviation = volatility * Math.sqrt(yearsToExpiry);
  if (deviation === 0) {
    return { delta: carry * sign * step(sign * (forward - strike)), gamma: 0, vega: 0, theta: 0, rho: 0 };
  }
  const d1 = lnRatio(forward, strike) / deviation + deviation / 2;
  const density = normalDensity(d1);
  const delta = carry * sign * normalCdf(sign * d1);
  const gamma = (carry * (forward / market.index) * density) / (forward * deviation);
  const vega = carry * market.index * density * Math.sqrt(yearsToExpiry);
  const decay = (-vega * volatility) / (2 * yearsToExpiry);
  const theta = decay + discountRate * value - basis * market.index * delta;
  return { delta, gamma, vega, theta, rho: -yearsToExpiry * value };
}

function step(x: number): number {
  if (x === 0) return 0.5;
  return x > 0 ? 1 : 0;
}

/** A position's part in an account's Greeks. */
export interface GreekHolding {
  readonly underlying: string;
  /** Units; negative is short. */
  readonly size: number;
  readonly greeks: Greeks;
}

/** Sums over positions. */
export interface AccountGreeks {
  /** Sizes times Greeks, per underlying. */
  readonly underlyings: ReadonlyMap<string, Greeks>;
  /** What can be added over underlyings: USD a 1.00 of all volatilities, a year, a 1.00 of the rate. */
  readonly total: Pick<Greeks, "vega" | "theta" | "rho">;
}

/**
 * Adds up positions per underlying and for the account. Deltas and gammas of different underlyings have different units
 * and are not added.
 * @throws {InvalidPricingInput} where a size is no finite number.
 * @example
 * aggregateGreeks([{ underlying: "ETH", size: -2, greeks: greeks({ kind: "perpetual", multiplier: 1 }, { index: 4000 }) }])
 */
export function aggregateGreeks(holdings: readonly GreekHolding[]): AccountGreeks {
  const underlyings = new Map<string, Greeks>();
  const total = { vega: 0, theta: 0, rho: 0 };
  for (const { underlying, size, greeks: unit } of holdings) {
    if (!Number.isFinite(size)) throw new InvalidPricingInput("a size is not a finite number");
    const sum = underlyings.get(underlying) ?? { delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 };
    underlyings.set(underlying, {
      delta: sum.delta + size * unit.delta,
      gamma: sum.gamma + size * unit.gamma,
      vega: sum.vega + size * unit.vega,
      theta: sum.theta + size * unit.theta,
      rho: sum.rho + size * unit.rho,
    });
    total.vega += size * unit.vega;
    total.theta += size * unit.theta;
    total.rho += size * unit.rho;
  }
  return { underlyings, total };
}
