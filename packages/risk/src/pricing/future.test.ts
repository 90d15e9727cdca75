import { expect, test } from "vitest";
import { InvalidPricingInput } from "./errors.ts";
import { forwardPrice, forwardPriceDown, forwardPriceUp } from "./future.ts";

const year = { indexE8: 100_00000000n, basisRateE8: 5_000_000n, secondsToExpiry: 31_536_000 };

test("default: a year at 5 %", () => {
  // 100 e^0.05 = 105.127109637602...
  expect([forwardPriceDown(year), forwardPriceUp(year)]).toEqual([105_12710963n, 105_12710964n]);
  expect(forwardPrice(100, 0.05, 1)).toBeCloseTo(105.1271096376, 10);
});

test("behavior: without a basis, or at expiry, the index", () => {
  for (const change of [{ basisRateE8: 0n }, { secondsToExpiry: 0 }]) {
    expect([forwardPriceDown({ ...year, ...change }), forwardPriceUp({ ...year, ...change })]).toEqual([
      10n ** 10n,
      10n ** 10n,
    ]);
  }
});

test("error: InvalidPricingInput", () => {
  expect(() => forwardPriceDown({ ...year, indexE8: 0n })).toThrow(InvalidPricingInput);
  expect(() => forwardPriceUp({ ...year, basisRateE8: 10n ** 9n })).toThrow(InvalidPricingInput);
  expect(() => forwardPrice(100, Number.NaN, 1)).toThrow(InvalidPricingInput);
});
