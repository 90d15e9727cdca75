import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidDepth } from "./charges/concentration.ts";
import { amountToE8Down, collateralPrices, collateralValues, countedAmountE8 } from "./collateral.ts";

const endless = 10n ** 60n;

test("default: price, shock and haircut", () => {
  const prices = collateralPrices(4_000_00000000n, 1000, [0, -2000]);
  expect([...prices]).toEqual([3_600_00000000n, 2_880_00000000n]);
  // 1.5 tokens where 298.5 would lose half: 0.5 % of it is gone.
  expect(collateralValues(1_500_000_000_000_000_000n, 18, prices, 298_50000000n)).toEqual([
    5_373_00000000n,
    4_298_40000000n,
  ]);
});

test("behavior: never more than the exact value, and short of it by dust alone", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 27n }),
      fc.integer({ min: 0, max: 18 }),
      fc.bigInt({ min: 1n, max: 10n ** 14n }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: -9_999, max: 10_000 }),
      (amount, decimals, priceE8, haircutBps, shockBps) => {
        const prices = collateralPrices(priceE8, haircutBps, [shockBps]);
        const [value = 0n] = collateralValues(amount, decimals, prices, endless);
        const exact = amount * priceE8 * BigInt(10_000 - haircutBps) * BigInt(10_000 + shockBps);
        const scale = 10n ** BigInt(decimals) * 10n ** 8n;
        expect(value * scale <= exact).toBe(true);
        const dust = 2n + amountToE8Down(amount, decimals) / 10n ** 8n + (4n * priceE8) / 10n ** 8n;
        expect((value + dust) * scale >= exact).toBe(true);
      },
    ),
  );
});

test("behavior: more never counts less, nor in all for more than the depth, nor for less than in two parts", () => {
  const amounts = fc.bigInt({ min: 0n, max: 10n ** 26n });
  fc.assert(
    fc.property(amounts, amounts, fc.bigInt({ min: 1n, max: 10n ** 24n }), (amount, more, depth) => {
      const counted = countedAmountE8(amount, depth);
      const both = countedAmountE8(amount + more, depth);
      expect(counted <= amount && counted < depth + 1n).toBe(true);
      expect(both >= counted).toBe(true);
      // Concave: apart they count for no less, up to the rounding of each.
      expect(counted + countedAmountE8(more, depth) + 1n >= both).toBe(true);
      // Deeper markets count more.
      expect(countedAmountE8(amount, depth + more) >= counted).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("error: InvalidDepth", () => {
  expect(() => countedAmountE8(1n, 0n)).toThrow(InvalidDepth);
});
