import { InvalidPricingInput } from "./errors.ts";
import { forwardPrice } from "./future.ts";
import { type OptionInputs, optionPrice } from "./option.ts";

/** An option's terms, in doubles. */
export interface OptionTerms {
  readonly kind: "call" | "put";
  /** Underlyings a unit. */
  readonly multiplier: number;
  /** USD an underlying. */
  readonly strike: number;
  readonly yearsToExpiry: number;
}

/** What people ask a price for. */
export type Instrument =
  | { readonly kind: "perpetual"; readonly multiplier: number }
  | { readonly kind: "future"; readonly multiplier: number; readonly yearsToExpiry: number }
  | OptionTerms;

/** What prices follow from. */
export interface Market {
  /** The underlying's price, USD. */
  readonly index: number;
  /** The forward's basis over the index, continuously compounded, a year. 0 if absent. */
  readonly basisRate?: number;
  /** Continuously compounded, a year. 0 if absent. */
  readonly discountRate?: number;
  /** Of the option's strike and expiry, e.g. from `impliedVolatility`; 1 is 100 %. Options need it. */
  readonly volatility?: number;
}

/**
 * An option's inputs on its forward.
 * @throws {InvalidPricingInput} without a volatility.
 */
export function optionInputsOf(option: OptionTerms, market: Market): OptionInputs {
  const { kind, strike, yearsToExpiry } = option;
  const { index, basisRate = 0, discountRate = 0, volatility } = market;
  if (volatility === undefined) throw new InvalidPricingInput("an option has no volatility");
  return {
    kind,
    strike,
    yearsToExpiry,
    volatility,
    discountRate,
    forward: forwardPrice(index, basisRate, yearsToExpiry),
  };
}

/**
 * One unit's price in doubles, USD: a perpetual's is its mark, a future's the forward, an option's Black's formula.
 * @throws {InvalidPricingInput} where a number is missing, not finite or out of range.
 * @example price({ kind: "future", multiplier: 0.1, yearsToExpiry: 1 }, { index: 100, basisRate: 0.05 }) // 10.512710963760241
 */
export function price(instrument: Instrument, market: Market): number {
  const { kind, multiplier } = instrument;
  if (!(multiplier > 0 && multiplier < 1e11)) throw new InvalidPricingInput("the multiplier is not above 0");
  switch (kind) {
    case "perpetual":
      return multiplier * forwardPrice(market.index, 0, 0);
    case "future":
      return multiplier * forwardPrice(market.index, market.basisRate ?? 0, instrument.yearsToExpiry);
    default:
      return multiplier * optionPrice(optionInputsOf(instrument, market));
  }
}
