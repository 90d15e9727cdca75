import fc from "fast-check";
import { expect, test } from "vitest";
import { abs, oneE8 } from "../fixed-point.ts";
import { portfolioValuesE16 } from "../portfolio.ts";
import { type FastAccount, makeAccountBook, setAccount } from "./account-book.ts";
import { makeArrayBook, setArray } from "./array-book.ts";
import { makeDoubleSums, sumInDoubles } from "./double-sums.ts";
import { fitsWords, valueInBigInts, valueInWords } from "./exact-value.ts";

const scenarios = 3;

/** Integers of up to so many bits, every length alike: the limits lie at a few of them. */
const ofBits = (bits: number) =>
  fc.tuple(fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }), fc.nat(bits)).map(([n, shift]) => n >> BigInt(shift));
const signed = (bits: number) => fc.tuple(ofBits(bits), fc.boolean()).map(([n, negative]) => (negative ? -n : n));

const instrument = fc
  .record({ charge: ofBits(40), prices: fc.array(signed(53), { minLength: scenarios, maxLength: scenarios }) })
  .map(({ charge, prices }) => ({ notional: 0n, charge, prices: BigInt64Array.from(prices) }));
const account = fc.record({
  cash: signed(53),
  positions: fc.array(fc.record({ instrument: fc.nat(3), size: signed(40) }), { maxLength: 20 }),
});
const instruments = fc.array(instrument, { minLength: 4, maxLength: 4 });

function booksOf(account: FastAccount, instruments: readonly { charge: bigint; prices: BigInt64Array }[]) {
  const arrays = makeArrayBook(instruments.length, scenarios);
  for (const [index, instrument] of instruments.entries()) setArray(arrays, index, instrument);
  const accounts = makeAccountBook(1, account.positions.length);
  setAccount(accounts, 0, account);
  const sums = makeDoubleSums(arrays);
  sumInDoubles(arrays, accounts, 0, sums);
  return { arrays, accounts, sums };
}

test("behavior: sums in doubles are within the error that they name", () => {
  fc.assert(
    fc.property(account, instruments, (account, instruments) => {
      const { sums } = booksOf(account, instruments);
      const holdings = account.positions.map(({ size, instrument }) => {
        const held = instruments[instrument];
        if (held === undefined) throw new RangeError("no such instrument");
        return { size, instrument: held };
      });
      for (const [s, exact] of portfolioValuesE16(account.cash, holdings, scenarios).entries()) {
        expect(abs(BigInt(sums.values[s] ?? Number.NaN) - exact) <= BigInt(Math.floor(sums.error))).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test("behavior: wherever words hold it they give the value of bigints, from any sum within the error", () => {
  let inWords = 0;
  let atTheLimit = 0;
  fc.assert(
    fc.property(account, instruments, fc.constantFrom(-1, 0, 1), (account, instruments, error) => {
      const { arrays, accounts, sums } = booksOf(account, instruments);
      if (!fitsWords(sums)) return;
      inWords++;
      if (sums.gross > 4e14 * 1e8) atTheLimit++;
      for (let s = 0; s < scenarios; s++) sums.values[s] = (sums.values[s] ?? 0) + error * 0.99 * sums.error;
      for (let s = 0; s < scenarios; s++) {
        expect(BigInt(valueInWords(arrays, accounts, 0, s, sums))).toBe(valueInBigInts(arrays, accounts, 0, s));
      }
    }),
    { numRuns: 4000 },
  );
  expect(inWords).toBeGreaterThan(500);
  expect(atTheLimit).toBeGreaterThan(50);
});

test("behavior: a sum that a double has rounded is made whole", () => {
  // 3.9e15 * 1e8 + 1: doubles lie 2^26 apart there.
  const { arrays, accounts, sums } = booksOf({ cash: 39_000_000n * oneE8, positions: [{ instrument: 0, size: -1n }] }, [
    { charge: 0n, prices: BigInt64Array.of(-1n, 0n, 1n) },
  ]);
  const million39 = 39_000_000e8;
  expect([0, 1, 2].map((s) => valueInWords(arrays, accounts, 0, s, sums))).toEqual([
    million39,
    million39,
    million39 - 1,
  ]);
  expect(new Set(sums.values).size).toBe(1);
});

test("behavior: the largest account that words hold is right at both ends of its error", () => {
  const prices = BigInt64Array.of(70_000n * oneE8, 69_999_12345678n, 70_001_87654321n);
  const booksAt = (size: bigint) => {
    const positions = Array.from({ length: 100 }, (_, i) => ({ instrument: 0, size: i % 3 === 0 ? -size : size }));
    return booksOf({ cash: 0n, positions }, [{ charge: 0n, prices }]);
  };
  let [fits, tooLarge] = [0n, 10n * oneE8];
  while (tooLarge - fits > 1n) {
    const middle = (fits + tooLarge) / 2n;
    if (fitsWords(booksAt(middle).sums)) fits = middle;
    else tooLarge = middle;
  }
  for (const error of [-1, 1]) {
    const { arrays, accounts, sums } = booksAt(fits);
    for (let s = 0; s < scenarios; s++) {
      sums.values[s] = (sums.values[s] ?? 0) + error * sums.error;
      expect(BigInt(valueInWords(arrays, accounts, 0, s, sums))).toBe(valueInBigInts(arrays, accounts, 0, s));
    }
  }
});
