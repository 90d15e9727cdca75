import fc from "fast-check";
import { expect, test } from "vitest";
import { accounts, market } from "../../test/situations.ts";
import { accountMargin } from "../account/account-margin.ts";
import { ImpossibleChange } from "../account/errors.ts";
import type { RiskAccount } from "../account/market.ts";
import { priceMarket } from "../account/priced-market.ts";
import { largestTrade } from "./largest-trade.ts";
import { heldInstruments, restoringTrade } from "./restoring-trade.ts";
import { type TradeKind, worstAfter } from "./trade-search.ts";

const priced = priceMarket(market);
const trades = fc.record({
  chain: fc.constantFrom("birch", "dogwood"),
  instrument: fc.constantFrom(...market.instruments.keys()),
});
const everywhere: readonly TradeKind[] = [...market.instruments.keys()].map((instrument) => ({
  chain: "birch",
  instrument,
}));

const alone = (usdc: bigint, positions: RiskAccount["chains"][number]["positions"], cash = 0n): RiskAccount => ({
  chains: [{ chain: "birch", cash, positions, collateral: [{ asset: "USDC", amount: usdc }] }],
});

test("default: the largest perpetual that 10,000 dollars carry", () => {
  const { size, after, unlimited } = largestTrade(
    { priced, account: alone(10_000_000_000n, []) },
    { chain: "birch", instrument: "BTC-PERP" },
    1,
  );
  // 9,899 dollars over 7,035 a unit where the coin falls by 10 %, with 5 basis points; and 186 for its size.
  expect(Number(size) / 1e8).toBeCloseTo(1.381, 2);
  expect(after.worst).toBeGreaterThanOrEqual(0n);
  expect(after.worst).toBeLessThan(2n * 7_000n);
  expect(unlimited).toBe(false);
});

test("behavior: the largest trade fits, and one unit more does not", () => {
  fc.assert(
    fc.property(accounts, trades, fc.constantFrom(1 as const, -1 as const), (account, trade, side) => {
      const situation = { priced, account };
      fc.pre(accountMargin(priced, account).worst >= 0n);
      const { size, after, unlimited } = largestTrade(situation, trade, side);
      expect(after.worst >= 0n).toBe(true);
      expect(unlimited).toBe(false);
      expect(worstAfter(situation, trade, size) >= 0n).toBe(true);
      expect(worstAfter(situation, trade, size + BigInt(side)) < 0n).toBe(true);
      for (const share of [1n, 2n, 3n]) expect(worstAfter(situation, trade, (size * share) / 4n) >= 0n).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("default: the cheapest trade for a short call gone wrong is found among all there are", () => {
  const account = alone(8_000_000_000n, [{ instrument: "BTC-80-C", size: -200_000_000n }], 500_00000000n);
  const situation = { priced, account };
  expect(accountMargin(priced, account).standing).not.toBe("healthy");
  const found = restoringTrade(situation, everywhere);
  expect(found?.after.worst).toBeGreaterThanOrEqual(0n);
  expect(found?.trade.size).toBeGreaterThan(0n);
  const buyBack = restoringTrade(situation, heldInstruments(situation));
  expect(buyBack?.trade.instrument).toBe("BTC-80-C");
  expect((found?.cost ?? 0n) <= (buyBack?.cost ?? 0n)).toBe(true);
});

test("behavior: a restoring trade restores, none smaller does, and no other of a grid is cheaper", () => {
  fc.assert(
    fc.property(accounts, (account) => {
      const situation = { priced, account };
      const before = accountMargin(priced, account);
      fc.pre(before.worst < 0n);
      const found = restoringTrade(situation, everywhere);
      const grid = everywhere.flatMap((trade) =>
        Array.from({ length: 28 }, (_, i) => (i % 2 === 0 ? 1n : -1n) * 3n ** BigInt(6 + Math.floor(i / 2))).map(
          (size) => ({ trade, size }),
        ),
      );
      const cost = ({ trade, size }: (typeof grid)[number]) =>
        ((size < 0n ? -size : size) * priced.instrument(trade.instrument).charge) / 100_000_000n;
      const restores = grid.filter(({ trade, size }) => worstAfter(situation, trade, size) >= 0n);
      if (found === undefined) {
        expect(restores).toEqual([]);
        return;
      }
      const { trade, after } = found;
      expect(after.worst >= 0n).toBe(true);
      expect(worstAfter(situation, trade, trade.size) >= 0n).toBe(true);
      expect(worstAfter(situation, trade, trade.size - (trade.size > 0n ? 1n : -1n)) < 0n).toBe(true);
      expect(restores.every((one) => cost(one) + 1n >= found.cost)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("behavior: a healthy account needs none, a ruined one has none", () => {
  expect(restoringTrade({ priced, account: alone(1_000_000n, []) }, everywhere)).toBeUndefined();
  expect(restoringTrade({ priced, account: alone(0n, [], -1n) }, everywhere)).toBeUndefined();
});

test("error: ImpossibleChange where there is nothing to fit into", () => {
  const trade = { chain: "birch", instrument: "BTC-PERP" };
  expect(() => largestTrade({ priced, account: alone(0n, [], -1n) }, trade, 1)).toThrow(ImpossibleChange);
});
