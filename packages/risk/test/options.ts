import fc from "fast-check";
import type { OptionInputsE8 } from "../src/pricing/option-integer.ts";

/** A whole number whose logarithm is spread evenly. */
function logarithmic(min: number, max: number): fc.Arbitrary<number> {
  return fc
    .double({ min: Math.log(min), max: Math.log(max), noNaN: true })
    .map((power) => Math.min(max, Math.max(min, Math.round(Math.exp(power)))));
}

/** Forward 0.00000001 to a billion USD, strike near it or 1,000 times off, volatility 1 % to 500 %, a minute to two years. */
export const options: fc.Arbitrary<OptionInputsE8> = fc
  .record({
    kind: fc.constantFrom("call", "put"),
    forward: logarithmic(1, 1e17),
    moneyness: fc.oneof(
      fc.double({ min: 0.9, max: 1.1, noNaN: true }),
      fc.double({ min: -7, max: 7, noNaN: true }).map(Math.exp),
      fc.constant(1),
    ),
    volatility: logarithmic(1_000_000, 500_000_000),
    secondsToExpiry: logarithmic(60, 63_072_000),
    rate: fc.oneof(fc.constant(0), fc.integer({ min: -20_000_000, max: 20_000_000 })),
  })
  .map(({ kind, forward, moneyness, volatility, secondsToExpiry, rate }) => ({
    kind,
    forwardE8: BigInt(forward),
    strikeE8: BigInt(Math.min(1e18, Math.max(1, Math.round(forward * moneyness)))),
    volatilityE8: BigInt(volatility),
    secondsToExpiry,
    discountRateE8: BigInt(rate),
  }));
