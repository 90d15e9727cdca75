import fc from "fast-check";
import { expect, test } from "vitest";
import { amountToE8Down, collateralPrices, collateralValues } from "./collateral.ts";

test("default: price, shock and haircut", () => {
  const prices = collateralPrices(4_000_00000000n, 1000, [0, -2000]);
  expect([...prices]).toEqual([3_600_00000000n, 2_880_00000000n]);
  expect(collateralValues(1_500_000_000_000_000_000n, 18, prices)).toEqual([5_400_00000000n, 4_320_00000000n]);
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
        const [value = 0n] = collateralValues(amount, decimals, collateralPrices(priceE8, haircutBps, [shockBps]));
        const exact = amount * priceE8 * BigInt(10_000 - haircutBps) * BigInt(10_000 + shockBps);
        const scale = 10n ** BigInt(decimals) * 10n ** 8n;
        expect(value * scale <= exact).toBe(true);
        const dust = 2n + amountToE8Down(amount, decimals) / 10n ** 8n + (2n * priceE8) / 10n ** 8n;
        expect((value + dust) * scale >= exact).toBe(true);
      },
    ),
  );
});
