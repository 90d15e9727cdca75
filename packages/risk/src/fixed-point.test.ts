import fc from "fast-check";
import { expect, test } from "vitest";
import { divDown, divUp, max, min, mulDivDown, mulDivUp, mulDown, mulUp, oneE8 } from "./fixed-point.ts";

const numbers = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const divisors = fc.bigInt({ min: 1n, max: 10n ** 20n });

test("default: rounds in the direction that the name says", () => {
  expect([mulDown(-1n, 1n), mulUp(-1n, 1n), mulDown(1n, 1n), mulUp(1n, 1n)]).toEqual([-1n, 0n, 0n, 1n]);
});

test("behavior: down and up enclose the exact quotient and differ by at most one", () => {
  fc.assert(
    fc.property(numbers, divisors, (dividend, divisor) => {
      const down = divDown(dividend, divisor);
      const up = divUp(dividend, divisor);
      expect(down * divisor <= dividend && dividend <= up * divisor).toBe(true);
      expect(up - down).toBe(dividend % divisor === 0n ? 0n : 1n);
    }),
  );
});

test("behavior: products are rounded once", () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      expect([mulDivDown(a, b, oneE8), mulDivUp(a, b, oneE8)]).toEqual([mulDown(a, b), mulUp(a, b)]);
      expect([min(a, b), max(a, b)]).toEqual(a < b ? [a, b] : [b, a]);
    }),
  );
});
