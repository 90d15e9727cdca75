import fc from "fast-check";
import { expect, test } from "vitest";
import { options } from "../../test/options.ts";
import { ScenarioCountMismatch } from "../errors.ts";
import { standardVolatilityTerm } from "../shocks/volatility-term.ts";
import { InvalidPricingInput, PriceOutOfRange } from "./errors.ts";
import { expiryScenarios } from "./expiry-scenarios.ts";
import { optionPrices, optionPricesExactly } from "./option-array.ts";
import { optionPriceDown } from "./option-integer.ts";

const shocks = {
  priceShocksBps: [0, -1000, 2500, -9_999, 30_000, 1, -1, 0],
  volatilityShocksBps: [0, 0, 5000, -5000, 20_000, -9_000, 0, 3],
  volatilityTerm: standardVolatilityTerm,
};
const call = { kind: "call", strikeE8: 4_000_00000000n, multiplierE8: 100_000_000n } as const;
const market = {
  indexE8: 4_000_00000000n,
  basisRateE8: 0n,
  discountRateE8: 0n,
  secondsToExpiry: 2_592_000,
  ...shocks,
};

test("default: every scenario is the option at its forward and volatility", () => {
  const prices = optionPrices(call, 60_000_000n, expiryScenarios(market));
  const option = { ...call, forwardE8: 5_000_00000000n, volatilityE8: 90_000_000n, secondsToExpiry: 2_592_000 };
  expect(prices[2]).toBe(optionPriceDown({ ...option, discountRateE8: 0n }));
});

test("behavior: the screen changes no bit", () => {
  const multipliers = fc.oneof(fc.constant(100_000_000n), fc.bigInt({ min: 1n, max: 10n ** 9n }));
  const rates = fc.oneof(fc.constant(0n), fc.bigInt({ min: -10_000_000n, max: 10_000_000n }));
  fc.assert(
    fc.property(options, multipliers, rates, (option, multiplierE8, basisRateE8) => {
      const { kind, forwardE8, strikeE8, volatilityE8, secondsToExpiry, discountRateE8 } = option;
      const indexE8 = forwardE8 < 10n ** 16n ? forwardE8 : 10n ** 16n;
      const scenarios = expiryScenarios({ indexE8, basisRateE8, discountRateE8, secondsToExpiry, ...shocks });
      const terms = { kind, strikeE8: strikeE8 < 10n ** 16n ? strikeE8 : 10n ** 16n, multiplierE8 };
      expect(optionPrices(terms, volatilityE8, scenarios)).toEqual(optionPricesExactly(terms, volatilityE8, scenarios));
    }),
    { numRuns: 3000 },
  );
});

test("behavior: at expiry what it would pay, in every scenario", () => {
  const prices = optionPrices(call, 60_000_000n, expiryScenarios({ ...market, secondsToExpiry: 0 }));
  expect([...prices].slice(0, 5)).toEqual([0n, 0n, 1_000_00000000n, 0n, 12_000_00000000n]);
});

test("error: ScenarioCountMismatch", () => {
  expect(() => expiryScenarios({ ...market, volatilityShocksBps: [0] })).toThrow(ScenarioCountMismatch);
});

test("error: InvalidPricingInput", () => {
  const scenarios = expiryScenarios(market);
  expect(() => optionPrices({ ...call, strikeE8: 0n }, 60_000_000n, scenarios)).toThrow(InvalidPricingInput);
  expect(() => optionPrices(call, 0n, scenarios)).toThrow(InvalidPricingInput);
  expect(() => expiryScenarios({ ...market, indexE8: 0n })).toThrow(InvalidPricingInput);
});

test("error: PriceOutOfRange", () => {
  const huge = { ...call, multiplierE8: 10n ** 18n };
  expect(() => optionPrices(huge, 60_000_000n, expiryScenarios(market))).toThrow(PriceOutOfRange);
});
