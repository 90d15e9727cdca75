import { InvalidPricingInput } from "./errors.ts";

/** Seconds in a year: 365 days, as volatilities and rates are quoted (Actual/365 Fixed). */
export const secondsPerYear = 31_536_000;

/** Inside these both pricers keep the bounds that docs/RISK.md states; outside they refuse. */
export const pricingLimits = {
  /** Forward and strike: 10 billion USD. */
  mostPriceE8: 10n ** 18n,
  /** 0.1 % a year. */
  leastVolatilityE8: 100_000n,
  /** 2000 % a year. */
  mostVolatilityE8: 2_000_000_000n,
  /** Ten years. */
  mostSeconds: 10 * secondsPerYear,
  /** 100 % a year, either sign. */
  mostRateE8: 100_000_000n,
} as const;

/** @throws {InvalidPricingInput} unless it is from the eighth decimal to 10 billion USD. */
export function requirePrice(name: string, priceE8: bigint): void {
  if (priceE8 <= 0n) throw new InvalidPricingInput(`the ${name} is not positive`);
  if (priceE8 > pricingLimits.mostPriceE8) throw new InvalidPricingInput(`the ${name} is above 10 billion USD`);
}

/** @throws {InvalidPricingInput} unless it is from 0.1 % to 2000 %. */
export function requireVolatility(volatilityE8: bigint): void {
  if (volatilityE8 < pricingLimits.leastVolatilityE8) throw new InvalidPricingInput("the volatility is below 0.1 %");
  if (volatilityE8 > pricingLimits.mostVolatilityE8) throw new InvalidPricingInput("the volatility is above 2000 %");
}

/** @throws {InvalidPricingInput} unless it is a whole number of seconds from 0 to ten years. */
export function requireSeconds(secondsToExpiry: number): void {
  if (!Number.isSafeInteger(secondsToExpiry)) throw new InvalidPricingInput("the time to expiry is not whole seconds");
  if (secondsToExpiry < 0) throw new InvalidPricingInput("the instrument has expired");
  if (secondsToExpiry > pricingLimits.mostSeconds) throw new InvalidPricingInput("the expiry is past ten years");
}

/** @throws {InvalidPricingInput} unless it is from -100 % to 100 %. */
export function requireRate(name: string, rateE8: bigint): void {
  const most = pricingLimits.mostRateE8;
  if (rateE8 > most || rateE8 < -most) throw new InvalidPricingInput(`the ${name} is past 100 % a year`);
}
