import { divDown } from "@plimsoll/risk/fixed-point";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type FundingCell,
  type FundingFacts,
  fundingCells,
  fundingOfCell,
  premiumHoldSeconds,
  premiumSecondsAt,
} from "./funding.ts";
import type { FundingTerms } from "./state.ts";

const oneUsd = 100_000_000n;
const hour = 3_600;
const terms: FundingTerms = { capBps: 75, windowSeconds: 8 * hour, turnoverBps: 500 };
const wholeWindow: FundingCell = { fromSeconds: 0, untilSeconds: 8 * hour, terms };
/** A premium held all through a cell, and what was filled. */
const premium = ({ fromSeconds, untilSeconds }: FundingCell, premiumE8: bigint, dollars: bigint) => ({
  premiumSecondsE8: premiumE8 * BigInt(untilSeconds - fromSeconds),
  volumeE8: dollars * oneUsd,
});
const facts = (markets: FundingFacts["markets"]): FundingFacts => ({
  markE8: 100_000n * oneUsd,
  openInterestE8: 10_000_000n * oneUsd,
  markets,
});

const anyTerms = fc.record({
  capBps: fc.integer({ min: 0, max: 1_000 }),
  windowSeconds: fc.integer({ min: 60, max: 7 * 86_400 }),
  turnoverBps: fc.integer({ min: 0, max: 10_000 }),
});
const anyCell = fc
  .tuple(anyTerms, fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }))
  .map(([of, fromSeconds, length]): FundingCell => {
    return { fromSeconds, untilSeconds: fromSeconds + Math.min(length, of.windowSeconds), terms: of };
  });
const anyFacts = fc.record({
  markE8: fc.bigInt(1n, 10n ** 15n),
  openInterestE8: fc.bigInt(0n, 10n ** 20n),
  markets: fc.array(
    fc.record({
      premiumSecondsE8: fc.bigInt(-(10n ** 13n), 10n ** 13n),
      volumeE8: fc.oneof(fc.constant(0n), fc.bigInt(0n, 10n ** 20n)),
    }),
    { maxLength: 4 },
  ),
});

test("default: longs pay the premium of the window, as a share of the mark", () => {
  // 0.1 % for eight hours, on 5 % of the open interest.
  expect(fundingOfCell(wholeWindow, facts([premium(wholeWindow, 100_000n, 500_000n)]))).toBe(100n * oneUsd);
  expect(fundingOfCell(wholeWindow, facts([premium(wholeWindow, -100_000n, 500_000n)]))).toBe(-100n * oneUsd);
  // Markets by what was filled there.
  const two = [premium(wholeWindow, 400_000n, 200_000n), premium(wholeWindow, 0n, 600_000n)];
  expect(fundingOfCell(wholeWindow, facts(two))).toBe(100n * oneUsd);
});

test("behavior: no more than the cap, and less where little was traded", () => {
  const of = (premiumE8: bigint, dollars: bigint) =>
    fundingOfCell(wholeWindow, facts([premium(wholeWindow, premiumE8, dollars)])) / oneUsd;
  expect(of(5_000_000n, 500_000n)).toBe(750n);
  expect(of(5_000_000n, 50_000n)).toBe(75n);
  expect(of(5_000_000n, 0n)).toBe(0n);
});

test("behavior: a part of a window pays its part, for its part of the trading", () => {
  const part = { ...wholeWindow, untilSeconds: 2 * hour };
  expect(fundingOfCell(part, facts([premium(part, 100_000n, 125_000n)]))).toBe(25n * oneUsd);
});

test("behavior: whatever markets say, it is within the cap, and the opposite pays the opposite", () => {
  fc.assert(
    fc.property(anyCell, anyFacts, (cell, given) => {
      const paid = fundingOfCell(cell, given);
      const seconds = BigInt(cell.untilSeconds - cell.fromSeconds);
      const most = (BigInt(cell.terms.capBps) * given.markE8 * seconds) / (10_000n * BigInt(cell.terms.windowSeconds));
      expect(paid <= most && -paid <= most).toBe(true);
      const opposite = given.markets.map(({ premiumSecondsE8, volumeE8 }) => ({
        ...{ premiumSecondsE8: -premiumSecondsE8, volumeE8 },
      }));
      expect(fundingOfCell(cell, { ...given, markets: opposite })).toBe(-paid);
    }),
  );
});

test("behavior: more trading at the same premium never pays less", () => {
  fc.assert(
    fc.property(anyCell, anyFacts, fc.bigInt(1n, 1_000n), (cell, given, times) => {
      const busier = given.markets.map((market) => ({ ...market, volumeE8: market.volumeE8 * times }));
      const [paid, more] = [given.markets, busier].map((markets) => fundingOfCell(cell, { ...given, markets }));
      const size = (value = 0n) => (value < 0n ? -value : value);
      expect(size(more) >= size(paid)).toBe(true);
    }),
  );
});

const anyPeriods = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 3_000 }), anyTerms), { minLength: 1, maxLength: 5 })
  .map((list) => {
    let fromSeconds = 0;
    return list.map(([after, of]) => {
      fromSeconds += after;
      return { fromSeconds, terms: { ...of, windowSeconds: 60 + (of.windowSeconds % 900) } };
    });
  });

test("behavior: cells leave no second out, count none twice, and keep to one window and one set of terms", () => {
  fc.assert(
    fc.property(anyPeriods, fc.nat(20_000), (periods, until) => {
      let at = periods[0]?.fromSeconds ?? 0;
      for (const cell of fundingCells(periods, 0, until)) {
        expect(cell.fromSeconds).toBe(at);
        expect(cell.untilSeconds).toBeGreaterThan(at);
        const { windowSeconds } = cell.terms;
        expect(Math.floor(cell.fromSeconds / windowSeconds)).toBe(Math.floor((cell.untilSeconds - 1) / windowSeconds));
        expect(periods.findLast(({ fromSeconds }) => fromSeconds <= cell.fromSeconds)?.terms).toBe(cell.terms);
        at = cell.untilSeconds;
      }
      expect(at).toBe(Math.max(until, periods[0]?.fromSeconds ?? 0));
    }),
  );
});

test("behavior: what has ended by a time stays as it was, and is what is left out after it", () => {
  fc.assert(
    fc.property(anyPeriods, fc.nat(10_000), fc.nat(10_000), (periods, first, more) => {
      const all = [...fundingCells(periods, 0, first + more)];
      const early = [...fundingCells(periods, 0, first)];
      // All but the one under way.
      expect(all.slice(0, Math.max(0, early.length - 1))).toEqual(early.slice(0, -1));
      expect([...fundingCells(periods, first, first + more)]).toEqual(
        all.filter(({ untilSeconds }) => untilSeconds > first),
      );
    }),
  );
});

test("behavior: a premium that nobody renews counts for ten minutes", () => {
  const sample = { atSeconds: 1_000, premiumSecondsE8: 7n, premiumE8: -3n, volumeE8: 1n };
  expect(premiumSecondsAt(undefined, 5)).toBe(0n);
  expect(premiumSecondsAt(sample, 1_010)).toBe(7n - 30n);
  expect(premiumSecondsAt(sample, 9_999)).toBe(7n - 3n * BigInt(premiumHoldSeconds));
});

const anyFill = fc.record({
  buyer: fc.nat(3),
  seller: fc.nat(3),
  size: fc.bigInt(1n, 10n ** 12n),
  priceE8: fc.bigInt(1n, 10n ** 13n),
  paidE8: fc.bigInt(-(10n ** 11n), 10n ** 11n),
});

test("behavior: prices net of the index pay what paying at every change would, and all payments add up to nothing", () => {
  fc.assert(
    fc.property(fc.array(anyFill, { maxLength: 30 }), fc.bigInt(1n, 10n ** 13n), (fills, nowE8) => {
      const held = Array.from({ length: 4 }, () => ({ cash: 0n, size: 0n }));
      // The same with explicit payments, exact: USD with 16 decimals.
      const paid = held.map(() => 0n);
      let index = 0n;
      for (const { buyer, seller, size, priceE8, paidE8 } of fills) {
        index += paidE8;
        held.forEach((account, i) => {
          paid[i] = (paid[i] ?? 0n) - account.size * paidE8;
        });
        // As the market books a fill: rounded once, and moved from one side to the other.
        const moved = divDown(size * (priceE8 - index), oneUsd);
        for (const [side, sign] of [
          [buyer, 1n],
          [seller, -1n],
        ] as const) {
          const account = held[side];
          if (account === undefined) continue;
          account.cash -= sign * moved;
          account.size += sign * size;
          paid[side] = (paid[side] ?? 0n) - sign * size * priceE8;
        }
      }
      const values = held.map(({ cash, size }) => cash * oneUsd + size * (nowE8 - index));
      expect(values.reduce((sum, value) => sum + value, 0n)).toBe(0n);
      held.forEach(({ size }, i) => {
        const apart = (values[i] ?? 0n) - (paid[i] ?? 0n) - size * nowE8;
        // A last digit a fill.
        expect(apart <= oneUsd * BigInt(fills.length) && -apart <= oneUsd * BigInt(fills.length)).toBe(true);
      });
    }),
  );
});
