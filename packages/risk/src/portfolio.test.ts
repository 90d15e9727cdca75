import fc from "fast-check";
import { expect, test } from "vitest";
import { ScenarioCountMismatch } from "./errors.ts";
import { grossNotional, type Holding, portfolioLosses } from "./portfolio.ts";

const perpetual = {
  notional: 4_000_00000000n,
  charge: 2_00000000n,
  prices: BigInt64Array.of(4_000_00000000n, 3_600_00000000n),
};

test("default: a long of half a coin, bought at the mark", () => {
  const holdings: Holding[] = [{ size: 50_000_000n, instrument: perpetual }];
  expect(portfolioLosses(-2_000_00000000n, holdings, 2)).toEqual([1_00000000n, 201_00000000n]);
  expect(grossNotional(holdings)).toBe(2_000_00000000n);
});

test("behavior: a loss is rounded up", () => {
  const holdings: Holding[] = [{ size: -1n, instrument: { notional: 1n, charge: 0n, prices: BigInt64Array.of(1n) } }];
  expect(portfolioLosses(0n, holdings, 1)).toEqual([1n]);
  expect(grossNotional(holdings)).toBe(1n);
});

test("behavior: two portfolios together lose no more than each by itself", () => {
  const size = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
  fc.assert(
    fc.property(size, size, size, size, (cashA, cashB, sizeA, sizeB) => {
      const losses = (cash: bigint, amount: bigint) =>
        portfolioLosses(cash, [{ size: amount, instrument: perpetual }], 2);
      const [a, b, both] = [losses(cashA, sizeA), losses(cashB, sizeB), losses(cashA + cashB, sizeA + sizeB)];
      for (const s of [0, 1]) expect((both[s] ?? 0n) <= (a[s] ?? 0n) + (b[s] ?? 0n)).toBe(true);
    }),
  );
});

test("error: ScenarioCountMismatch", () => {
  expect(() => portfolioLosses(0n, [{ size: 1n, instrument: perpetual }], 3)).toThrow(ScenarioCountMismatch);
});
