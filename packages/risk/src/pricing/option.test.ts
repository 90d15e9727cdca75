import fc from "fast-check";
import { expect, test } from "vitest";
import * as reference from "../../test/high-precision.ts";
import { options } from "../../test/options.ts";
import { InvalidPricingInput } from "./errors.ts";
import { secondsPerYear } from "./limits.ts";
import { type OptionInputs, optionPrice, timeValue } from "./option.ts";
import { optionPriceDown, optionPriceUp } from "./option-integer.ts";

test("default: J. Hull, Options, Futures, and Other Derivatives, Black's model: a four months' put on crude oil futures, 1.12", () => {
  const put = {
    kind: "put",
    forward: 20,
    strike: 20,
    volatility: 0.25,
    yearsToExpiry: 4 / 12,
    discountRate: 0.09,
  } as const;
  expect(optionPrice(put)).toBeCloseTo(1.12, 2);
});

test("behavior: E. G. Haug, The Complete Guide to Option Pricing Formulas, Black-76: call and put are 1.7011", () => {
  const brent = { forward: 19, strike: 19, volatility: 0.28, yearsToExpiry: 0.75, discountRate: 0.1 } as const;
  expect(optionPrice({ ...brent, kind: "call" })).toBeCloseTo(1.7011, 4);
  expect(optionPrice({ ...brent, kind: "put" })).toBeCloseTo(1.7011, 4);
});

/** The published bound: a share of forward + strike, besides the integers' own rounding. */
const bound = 1e-15;

test("behavior: differs from the integer pricer by 1e-15 (forward + strike) and its rounding", () => {
  fc.assert(
    fc.property(options, (option) => {
      const { kind, forwardE8, strikeE8, volatilityE8, secondsToExpiry, discountRateE8 } = option;
      const inDoubles: OptionInputs = {
        kind,
        forward: Number(forwardE8) / 1e8,
        strike: Number(strikeE8) / 1e8,
        volatility: Number(volatilityE8) / 1e8,
        yearsToExpiry: secondsToExpiry / secondsPerYear,
        discountRate: Number(discountRateE8) / 1e8,
      };
      const valueE8 = optionPrice(inDoubles) * 1e8;
      const allowed =
        bound * Number(forwardE8 + strikeE8) * Math.max(1, Math.exp(-inDoubles.discountRate * inDoubles.yearsToExpiry));
      expect(valueE8).toBeGreaterThanOrEqual(Number(optionPriceDown(option)) - allowed);
      expect(valueE8).toBeLessThanOrEqual(Number(optionPriceUp(option)) + allowed);
    }),
    { numRuns: 3000 },
  );
});

test("behavior: the deep wing keeps its digits", () => {
  const inputs = fc.record({
    logMoneyness: fc.double({ min: 0.05, max: 3, noNaN: true }),
    deviation: fc.double({ min: 0.05, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(inputs, ({ logMoneyness, deviation }) => {
      const [forward, strike] = [2 ** 40, Math.round(2 ** 40 * Math.exp(logMoneyness))];
      const value = timeValue(forward, strike, deviation);
      fc.pre(value > 1e-280);
      const exact = reference.undiscountedCall(BigInt(forward), BigInt(strike), reference.fromDouble(deviation));
      expect(Math.abs(reference.relativeError(value, exact))).toBeLessThan(1e-12);
    }),
    { numRuns: 60 },
  );
});

test("error: InvalidPricingInput, never NaN", () => {
  const absurd = fc.oneof(
    fc.constantFrom(0, -0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1e308),
    fc.double(),
    fc.double({ min: 0, max: 10 }),
  );
  const anything = fc.record({
    kind: fc.constantFrom("call" as const, "put" as const),
    forward: absurd,
    strike: absurd,
    volatility: absurd,
    yearsToExpiry: absurd,
    discountRate: absurd,
  });
  fc.assert(
    fc.property(anything, (option) => {
      try {
        expect(optionPrice(option)).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidPricingInput);
      }
    }),
    {
      numRuns: 3000,
      examples: [
        [{ kind: "call", forward: 5e-324, strike: 2, volatility: 0.001, yearsToExpiry: 5e-324, discountRate: 0 }],
        [{ kind: "put", forward: 1e-8, strike: 1e10, volatility: 0.001, yearsToExpiry: 5e-324, discountRate: 0 }],
      ],
    },
  );
});
