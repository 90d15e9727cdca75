import { oneE8 } from "@plimsoll/risk/fixed-point";
import fc from "fast-check";
import { expect, test } from "vitest";
import { discountOf, gasInUsd, leastDiscount } from "./profit.ts";

const cost = { gas: 1_000_000n, gasPriceWei: 10n ** 9n, nativeUsdE8: 4_000n * oneE8 };

test("default: gas, closing and the profit that is wanted", () => {
  expect(leastDiscount(10_000n * oneE8, cost, { closingBps: 20, minimumProfit: 5n * oneE8 })).toBe(29n * oneE8);
  expect(discountOf(1_000n * oneE8)).toBe(200n * oneE8);
  expect(discountOf(1_000n * oneE8, 10n ** 16n)).toBe(10n * oneE8);
});

test("behavior: fractions of a basis point count, and everything is rounded against the bid", () => {
  expect(leastDiscount(10_000n * oneE8, { ...cost, gas: 0n }, { closingBps: 0.5, minimumProfit: 0n })).toBe(oneE8 / 2n);
  expect(leastDiscount(1n, { ...cost, gas: 0n }, { closingBps: 20, minimumProfit: 0n })).toBe(1n);
  expect(gasInUsd({ gas: 1n, gasPriceWei: 1n, nativeUsdE8: 1n })).toBe(1n);
  expect(discountOf(4n)).toBe(0n);
});

test("behavior: who bids at the least discount is left the profit that is wanted", () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 0, max: 10_000 }), amount, (notional, gas, closingBps, profit) => {
      const priced = { ...cost, gas: gas / 10n ** 9n };
      const paid = leastDiscount(notional, priced, { closingBps, minimumProfit: profit });
      const exactE4 = 10_000n * (paid - gasInUsd(priced)) - notional * BigInt(closingBps);
      expect(exactE4).toBeGreaterThanOrEqual(10_000n * profit);
      expect(exactE4).toBeLessThan(10_000n * (profit + 1n));
    }),
  );
});
