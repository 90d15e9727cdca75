import fc from "fast-check";
import { expect, test } from "vitest";
import * as reference from "../../test/high-precision.ts";
import { OutsideDomain } from "./errors.ts";
import { expQ128 } from "./exp.ts";
import { exp } from "./exp-double.ts";
import { lnRatioQ128 } from "./log.ts";
import { normalCdfQ128 } from "./normal-integer.ts";
import { fractionBits, oneQ128 } from "./q128.ts";
import { integerSqrt } from "./sqrt.ts";

const toReference = (value: bigint) => value << (reference.referenceBits - fractionBits);
const toQ128 = (value: bigint) => value >> (reference.referenceBits - fractionBits);
const distance = (a: bigint, b: bigint) => (a > b ? a - b : b - a);
const runs = { numRuns: 100 };

test("default: the square root is exact", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 700n }), fc.integer({ min: 0, max: 690 }), (wide, drop) => {
      const value = wide >> BigInt(drop);
      const root = integerSqrt(value);
      expect(root * root <= value && value < (root + 1n) ** 2n).toBe(true);
    }),
    { numRuns: 2000 },
  );
  expect([integerSqrt(0n), integerSqrt(1n), integerSqrt(2n ** 200n), integerSqrt(-1n)]).toEqual([
    0n,
    1n,
    2n ** 100n,
    0n,
  ]);
});

test("behavior: exp is within 2^-122", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -90n * oneQ128, max: 40n * oneQ128 }), (x) => {
      const exact = toQ128(reference.exp(toReference(x)));
      const allowed = (exact > oneQ128 ? exact : oneQ128) >> 122n;
      expect(distance(expQ128(x), exact) <= allowed).toBe(true);
    }),
    runs,
  );
});

test("behavior: ln is within 2^-118", () => {
  const positive = fc
    .tuple(fc.bigInt({ min: 1n, max: 10n ** 18n }), fc.integer({ min: 0, max: 59 }))
    .map(([value, drop]) => (value >> BigInt(drop)) + 1n);
  fc.assert(
    fc.property(positive, positive, (a, b) => {
      expect(distance(lnRatioQ128(a, b), toQ128(reference.lnRatio(a, b))) <= 1n << 10n).toBe(true);
    }),
    runs,
  );
  expect(lnRatioQ128(7n, 7n)).toBe(0n);
});

test("behavior: N is within 2^-108", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -15n * oneQ128, max: 15n * oneQ128 }), (x) => {
      expect(distance(normalCdfQ128(x), toQ128(reference.normalCdf(toReference(x)))) <= 1n << 20n).toBe(true);
    }),
    runs,
  );
});

test("behavior: exp in doubles is within two units in the last place", () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
      expect(Math.abs(reference.relativeError(exp(x), reference.exp(reference.fromDouble(x))))).toBeLessThan(2 ** -52);
    }),
    runs,
  );
  expect([exp(0), exp(-1e9), exp(1e9), exp(Number.NaN)]).toEqual([1, 0, Number.POSITIVE_INFINITY, Number.NaN]);
});

test("error: OutsideDomain", () => {
  expect(() => lnRatioQ128(0n, 1n)).toThrow(OutsideDomain);
  expect(() => lnRatioQ128(1n, -1n)).toThrow(OutsideDomain);
  expect(() => expQ128(129n * oneQ128)).toThrow(OutsideDomain);
});
