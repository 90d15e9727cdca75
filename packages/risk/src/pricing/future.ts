import { divDown, divUp, oneE8 } from "../fixed-point.ts";
import { exp } from "../numerics/exp-double.ts";
import { fractionBits } from "../numerics/q128.ts";
import { InvalidPricingInput } from "./errors.ts";
import { growthFactor } from "./growth.ts";
import { requirePrice, requireRate, requireSeconds } from "./limits.ts";

/** What a forward price is made of, USD with 8 decimals. */
export interface ForwardInputsE8 {
  readonly indexE8: bigint;
  /** The forward's basis over the index: continuously compounded, a year, 8 decimals. */
  readonly basisRateE8: bigint;
  /** Whole seconds; at 0 the forward is the index. */
  readonly secondsToExpiry: number;
}

function requireForward({ indexE8, basisRateE8, secondsToExpiry }: ForwardInputsE8): void {
  requirePrice("index", indexE8);
  requireRate("basis rate", basisRateE8);
  requireSeconds(secondsToExpiry);
}

/**
 * A dated future's price, the forward index * e^(basis * time), USD with 8 decimals, rounded down.
 * @throws {InvalidPricingInput} outside `pricingLimits`.
 * @example forwardPriceDown({ indexE8: 100_00000000n, basisRateE8: 5_000_000n, secondsToExpiry: 31_536_000 }) // 105_12710963n
 */
export function forwardPriceDown(inputs: ForwardInputsE8): bigint {
  requireForward(inputs);
  return (inputs.indexE8 * growthFactor(inputs.basisRateE8, inputs.secondsToExpiry).low) >> fractionBits;
}

/**
 * The same price rounded up.
 * @throws {InvalidPricingInput} outside `pricingLimits`.
 */
export function forwardPriceUp(inputs: ForwardInputsE8): bigint {
  requireForward(inputs);
  const { high } = growthFactor(inputs.basisRateE8, inputs.secondsToExpiry);
  return divUp(inputs.indexE8 * high, 1n << fractionBits);
}

/**
 * A dated future's price in doubles, USD.
 * @throws {InvalidPricingInput} where a number is not finite or out of range.
 */
export function forwardPrice(index: number, basisRate: number, yearsToExpiry: number): number {
  if (!(index > 0 && index < 1e11)) throw new InvalidPricingInput("the index is not above 0 and below 1e11 USD");
  if (!(basisRate >= -1 && basisRate <= 1)) throw new InvalidPricingInput("the basis rate is past 100 % a year");
  if (!(yearsToExpiry >= 0 && yearsToExpiry <= 10)) {
    throw new InvalidPricingInput("the time to expiry is not from 0 to ten years");
  }
  return index * exp(basisRate * yearsToExpiry);
}

/** A price for `multiplierE8` underlyings, rounded down. */
export function unitPriceDown(priceE8: bigint, multiplierE8: bigint): bigint {
  return divDown(priceE8 * multiplierE8, oneE8);
}
