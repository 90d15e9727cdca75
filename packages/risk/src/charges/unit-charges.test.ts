import fc from "fast-check";
import { expect, test } from "vitest";
import { PriceOutOfRange } from "../pricing/errors.ts";
import { type ChargePolicy, chargeUnit, unitCharges } from "./unit-charges.ts";

const policy: ChargePolicy = { spreadBps: 5, basisBpsAYear: 200, mostBasisBps: 150, shortMinimumBps: 100 };
const notionalE8 = 100_000_00000000n;
const quarter = 31_536_000 / 4;

test("default: spread for all, basis for what has an expiry, a minimum for shorts far out of the money", () => {
  const prices = BigInt64Array.of(notionalE8, notionalE8 / 2n);
  expect(unitCharges({ kind: "perpetual", notionalE8, secondsToExpiry: 0, prices }, policy)).toEqual({
    long: 50_00000000n,
    short: 50_00000000n,
  });
  expect(unitCharges({ kind: "future", notionalE8, secondsToExpiry: quarter, prices }, policy).long).toBe(
    550_00000000n,
  );
  expect(unitCharges({ kind: "future", notionalE8, secondsToExpiry: 9 * quarter, prices }, policy).long).toBe(
    1550_00000000n,
  );
  // A call worth a cent that no row moves by more than 99: the short pays 1 % less those, the long nothing it does not have.
  const far = BigInt64Array.of(1_000_000n, 0n, 99_01000000n);
  expect(unitCharges({ kind: "call", notionalE8, secondsToExpiry: 0, prices: far }, policy)).toEqual({
    long: 0n,
    short: 50_00000000n + 901_00000000n,
  });
  const near = BigInt64Array.of(3_000_00000000n, 900_00000000n, 9_000_00000000n);
  expect(unitCharges({ kind: "put", notionalE8, secondsToExpiry: 0, prices: near }, policy)).toEqual({
    long: 50_00000000n,
    short: 50_00000000n,
  });
});

test("behavior: one array and one charge give each side its own, to the last digit", () => {
  const amounts = fc.bigInt({ min: 0n, max: 10n ** 14n });
  fc.assert(
    fc.property(fc.array(amounts, { minLength: 1, maxLength: 5 }), amounts, amounts, (list, long, short) => {
      const prices = BigInt64Array.from(list);
      const { prices: raised, charge } = chargeUnit(prices, { long, short });
      for (const [s, price] of raised.entries()) {
        expect(price - charge).toBe((prices[s] ?? 0n) - long);
        const cost = price + charge - (prices[s] ?? 0n);
        expect(cost - short).toBe((long + short) % 2n);
      }
    }),
  );
});

test("behavior: a long option never counts as a debt, a short one at least as the minimum", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("call" as const, "put" as const),
      fc.array(fc.bigInt({ min: 0n, max: 2n * notionalE8 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 0, max: 10 * quarter }),
      (kind, list, secondsToExpiry) => {
        const prices = BigInt64Array.from(list);
        const charges = unitCharges({ kind, notionalE8, secondsToExpiry, prices }, policy);
        expect(list.every((price) => price - charges.long >= 0n)).toBe(true);
        const { prices: raised, charge } = chargeUnit(prices, charges);
        const worst = raised.reduce((most, price) => (price > most ? price : most));
        expect(worst + charge - (prices[0] ?? 0n) >= notionalE8 / 100n).toBe(true);
      },
    ),
  );
});

test("error: PriceOutOfRange", () => {
  const most = BigInt64Array.of(2n ** 63n - 1n);
  expect(() => chargeUnit(most, { long: 0n, short: 4n })).toThrow(PriceOutOfRange);
});
