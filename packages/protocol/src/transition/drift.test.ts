import { abs, divUp } from "@plimsoll/risk/fixed-point";
import { grossNotionalE16, portfolioValuesE16 } from "@plimsoll/risk/portfolio";
import fc from "fast-check";
import { expect, test } from "vitest";
import { btcPerp, ethPerp } from "../../test/world.ts";
import type { InstrumentPrices } from "../epoch.ts";
import { makeBook, matchingRow } from "./books.ts";
import { driftBetween } from "./drift.ts";

const ids = [btcPerp, ethPerp];
const instrument = (scenarios: number) =>
  fc
    .record({
      notional: fc.bigInt({ min: 1_000n, max: 10n ** 13n }),
      charge: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      prices: fc.array(fc.bigInt({ min: 1n, max: 10n ** 13n }), { minLength: scenarios, maxLength: scenarios }),
    })
    .map(
      ({ notional, charge, prices }): InstrumentPrices => ({
        status: 0,
        mark: notional,
        notional,
        charge,
        settlement: 0n,
        funding: 0n,
        stressBps: 10_000,
        prices: BigInt64Array.from(prices),
      }),
    );
const size = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
const scenarios = fc.integer({ min: 1, max: 5 });
const books = fc
  .tuple(scenarios, scenarios)
  .chain(([one, two]) =>
    fc.tuple(fc.tuple(instrument(one), instrument(one)), fc.tuple(instrument(two), instrument(two))),
  );

test("default: bounds how much a portfolio's loss and notional can grow from one book to the next", () => {
  fc.assert(
    fc.property(books, fc.tuple(size, size), ([older, newer], sizes) => {
      const rows = (list: readonly InstrumentPrices[]) => list[0]?.prices.length ?? 0;
      const mapOf = (list: readonly InstrumentPrices[]) =>
        new Map(list.map((prices, i) => [ids[i] ?? btcPerp, prices] as const));
      const from = makeBook(mapOf(older), rows(older), null);
      const to = makeBook(mapOf(newer), rows(newer), from);
      const drift = driftBetween(from, to, new Set());
      const holdings = (list: readonly InstrumentPrices[]) =>
        list.map((prices, i) => ({ size: sizes[i] ?? 0n, instrument: prices }));
      const gross = grossNotionalE16(holdings(older));
      const before = portfolioValuesE16(0n, holdings(older), rows(older));
      const after = portfolioValuesE16(0n, holdings(newer), rows(newer));
      for (const [s, value] of after.entries()) {
        const grown = (before[matchingRow(s, rows(older))] ?? 0n) - value;
        expect(grown <= divUp(gross * (drift.perNotional[s] ?? 0n), 1n << 24n)).toBe(true);
      }
      const notional = grossNotionalE16(holdings(newer));
      expect(abs(notional) <= divUp(gross * drift.notionalRatio, 1n << 24n)).toBe(true);
    }),
  );
});

test("behavior: an instrument without a leaf does not drift", () => {
  const terms = {
    status: 0,
    mark: 1n,
    notional: 1n,
    charge: 0n,
    settlement: 0n,
    funding: 0n,
    stressBps: 10_000,
  } as const;
  const prices = { ...terms, prices: BigInt64Array.of(5n, 6n) };
  const from = makeBook(new Map([[btcPerp, prices]]), 2, null);
  const to = makeBook(new Map(), 3, from);
  expect(to.entries.get(btcPerp)).toMatchObject({ own: false, prices: BigInt64Array.of(5n, 6n, 5n) });
  expect(driftBetween(from, to, new Set()).perNotional).toEqual(BigInt64Array.of(0n, 0n, 0n));
});
