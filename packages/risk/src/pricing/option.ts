import { millsRatio } from "../numerics/error-function.ts";
import { exp } from "../numerics/exp-double.ts";
import { normalCdf, normalDensity } from "../numerics/normal.ts";
import { InvalidPricingInput } from "./errors.ts";

/** A European option in doubles, for screening and for people. Prices in USD. */
export interface OptionInputs {
  readonly kind: "call" | "put";
  /** The underlying's forward price at expiry. */
  readonly forward: number;
  readonly strike: number;
  /** A year's standard deviation of log returns: 1 is 100 %. */
  readonly volatility: number;
  /** Of 365 days; 0 is expiry itself. */
  readonly yearsToExpiry: number;
  /** Continuously compounded, a year. */
  readonly discountRate: number;
}

/** @throws {InvalidPricingInput} unless every number is inside `pricingLimits`; NaN and infinities are not. */
export function requireOption(option: OptionInputs): void {
  const { forward, strike, volatility, yearsToExpiry, discountRate } = option;
  if (!(forward >= 1e-8 && forward <= 1e10)) throw new InvalidPricingInput("the forward is not from 1e-8 to 1e10 USD");
  if (!(strike >= 1e-8 && strike <= 1e10)) throw new InvalidPricingInput("the strike is not from 1e-8 to 1e10 USD");
  if (!(volatility >= 0.001 && volatility <= 20)) {
    throw new InvalidPricingInput("the volatility is not from 0.1 % to 2000 %");
  }
  if (!(yearsToExpiry >= 0 && yearsToExpiry <= 10)) {
    throw new InvalidPricingInput("the time to expiry is not from 0 to ten years");
  }
  if (!(discountRate >= -1 && discountRate <= 1)) {
    throw new InvalidPricingInput("the discount rate is not from -100 % to 100 %");
  }
}

/** ln(a / b), exact to the last digits also where a is near b. */
export function lnRatio(a: number, b: number): number {
  const distance = (a - b) / b;
  return Math.abs(distance) < 0.5 ? Math.log1p(distance) : Math.log(a / b);
}

/**
 * Undiscounted value of whichever of call and put is out of the money: a N(x/s + s/2) - b N(x/s - s/2), a <= b,
 * x = ln(a / b), s = volatility * sqrt(time).
 *
 * In the wing both terms share the factor a phi(x/s + s/2), which is taken out: what is subtracted are Mills ratios
 * (P. Jaeckel, "Let's be rational", Wilmott 2015, section 6, has the same idea), so that a price of 1e-200 still has its digits.
 */
export function timeValue(forward: number, strike: number, deviation: number): number {
  if (deviation === 0) return 0;
  const a = Math.min(forward, strike);
  const b = Math.max(forward, strike);
  const center = lnRatio(a, b) / deviation;
  const half = deviation / 2;
  const upper = center + half;
  const lower = center - half;
  if (upper > -1) return Math.max(0, a * normalCdf(upper) - b * normalCdf(lower));
  const density = a * normalDensity(upper);
  return density * Math.max(0, millsRatio(-upper) - millsRatio(-lower));
}

/**
 * A European option's value in USD, by Black's formula for options on a forward, discounted: e^(-rT) (F N(d1) - K N(d2)).
 *
 * F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), 167-179. At expiry it is the
 * intrinsic value. Within 1e-15 * (forward + strike) of the exact value, before the discount.
 *
 * @throws {InvalidPricingInput} where a number is not finite or out of range.
 * @example optionPrice({ kind: "put", forward: 20, strike: 20, volatility: 0.25, yearsToExpiry: 1 / 3, discountRate: 0.09 }) // 1.1166
 */
export function optionPrice(option: OptionInputs): number {
  requireOption(option);
  const { kind, forward, strike, volatility, yearsToExpiry, discountRate } = option;
  const intrinsic = Math.max(0, kind === "call" ? forward - strike : strike - forward);
  const value = intrinsic + timeValue(forward, strike, volatility * Math.sqrt(yearsToExpiry));
  return value * exp(-discountRate * yearsToExpiry);
}
