import fc from "fast-check";
import { expect, test } from "vitest";
import { divDown, oneE8 } from "../fixed-point.ts";
import { type MarginSummary, marginSummary } from "../margin.ts";
import { portfolioValuesE16 } from "../portfolio.ts";
import { type FastAccount, makeAccountBook, setAccount } from "./account-book.ts";
import { makeArrayBook, setArray } from "./array-book.ts";
import { OutsideFastRange } from "./errors.ts";
import { makeAccountValues, valueAccounts } from "./value-accounts.ts";

interface Instrument {
  readonly notional: bigint;
  readonly charge: bigint;
  readonly prices: BigInt64Array;
}

function plainly({ cash, positions }: FastAccount, instruments: readonly Instrument[], scenarios: number, bps: number) {
  const holdings = positions.map(({ instrument, size }) => ({
    size,
    instrument: instruments[instrument] as Instrument,
  }));
  return marginSummary(
    portfolioValuesE16(cash, holdings, scenarios).map((value) => divDown(value, oneE8)),
    bps,
  );
}

function fast(accounts: readonly FastAccount[], instruments: readonly Instrument[], scenarios: number, bps: number) {
  const arrays = makeArrayBook(instruments.length, scenarios);
  for (const [index, instrument] of instruments.entries()) setArray(arrays, index, instrument);
  const book = makeAccountBook(
    accounts.length,
    accounts.reduce((sum, { positions }) => sum + positions.length, 0),
  );
  for (const [index, account] of accounts.entries()) setAccount(book, index, account);
  const values = makeAccountValues(accounts.length);
  valueAccounts(arrays, book, bps, values, 0, accounts.length);
  return accounts.map(
    (_, index): MarginSummary => ({
      base: values.base[index] as bigint,
      worst: values.worst[index] as bigint,
      worstScenario: values.worstScenario[index] as number,
      initialMargin: (values.base[index] as bigint) - (values.worst[index] as bigint),
      maintenanceMargin: values.maintenance[index] as bigint,
    }),
  );
}

const call: Instrument = { notional: 0n, charge: 1n, prices: BigInt64Array.of(10n * oneE8, 4n * oneE8, 25n * oneE8) };

test("default: base, worst and maintenance of an account", () => {
  expect(fast([{ cash: 100n * oneE8, positions: [{ instrument: 0, size: -2n * oneE8 }] }], [call], 3, 5000)).toEqual([
    {
      base: 80n * oneE8 - 2n,
      worst: 50n * oneE8 - 2n,
      worstScenario: 2,
      initialMargin: 30n * oneE8,
      maintenanceMargin: 15n * oneE8,
    },
  ]);
});

test("behavior: identical to the plain path, from dust to the largest that it takes", () => {
  const magnitude = (most: bigint) =>
    fc
      .tuple(fc.bigInt({ min: -most, max: most }), fc.integer({ min: 0, max: 52 }))
      .map(([n, shift]) => n >> BigInt(shift));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }).chain((scenarios) =>
        fc.record({
          instruments: fc.array(
            fc.record({
              notional: fc.constant(0n),
              charge: fc.bigInt({ min: 0n, max: 10n ** 9n }),
              prices: fc
                .array(magnitude(2n ** 53n - 1n), { minLength: scenarios, maxLength: scenarios })
                .map((prices) => BigInt64Array.from(prices)),
            }),
            { minLength: 5, maxLength: 5 },
          ),
        }),
      ),
      fc.array(
        fc.record({
          cash: magnitude(2n ** 53n - 1n),
          positions: fc.array(fc.record({ instrument: fc.integer({ min: 0, max: 4 }), size: magnitude(2n ** 36n) }), {
            maxLength: 6,
          }),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      fc.integer({ min: 0, max: 10_000 }),
      ({ instruments }, accounts, bps) => {
        const scenarios = instruments[0]?.prices.length ?? 0;
        const largest = accounts.map((account) => {
          const holdings = account.positions.map(({ instrument, size }) => ({
            size: size < 0n ? -size : size,
            instrument: {
              ...call,
              prices: instruments[instrument]?.prices.map((p) => (p < 0n ? -p : p)) ?? call.prices,
            },
          }));
          return portfolioValuesE16(0n, holdings, scenarios).reduce((most, value) => (value > most ? value : most), 0n);
        });
        fc.pre(largest.every((value) => value < 2n ** 61n * oneE8));
        expect(fast(accounts, instruments, scenarios, bps)).toEqual(
          accounts.map((account) => plainly(account, instruments, scenarios, bps)),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test("behavior: scenarios that round to the same value are told apart by their order alone", () => {
  const prices = BigInt64Array.of(9n, 3n, 2n, 2n);
  const account = { cash: 0n, positions: [{ instrument: 0, size: 1n }] };
  expect(fast([account], [{ ...call, charge: 0n, prices }], 4, 5000)[0]).toMatchObject({ worst: 0n, worstScenario: 0 });
  const near = { cash: 0n, positions: [{ instrument: 0, size: -50_000_001n }] };
  expect(fast([near], [{ ...call, charge: 0n, prices }], 4, 5000)).toEqual([
    plainly(near, [{ ...call, charge: 0n, prices }], 4, 5000),
  ]);
});

test("error: OutsideFastRange for what 64 bits do not hold", () => {
  const huge = 2n ** 53n;
  expect(() => fast([{ cash: huge, positions: [] }], [call], 3, 1)).toThrow(OutsideFastRange);
  expect(() => fast([{ cash: 0n, positions: [{ instrument: 0, size: huge }] }], [call], 3, 1)).toThrow(
    OutsideFastRange,
  );
  expect(() => fast([], [{ ...call, prices: BigInt64Array.of(huge, 0n, 0n) }], 3, 1)).toThrow(OutsideFastRange);
  for (const bps of [-1, 10_001, 0.5, Number.NaN]) expect(() => fast([], [call], 3, bps)).toThrow(OutsideFastRange);
  const positions = [{ instrument: 0, size: huge - 1n }];
  const dear = { ...call, prices: BigInt64Array.of(huge - 1n, 0n, 0n) };
  expect(() => fast([{ cash: 0n, positions }], [dear], 3, 1)).toThrow(OutsideFastRange);
});
