import fc from "fast-check";
import { expect, test } from "vitest";
import * as reference from "../../test/high-precision.ts";
import { erfc, millsRatio } from "./error-function.ts";
import { normalCdf, normalDensity } from "./normal.ts";

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const runs = { numRuns: 150 };

test("default: known values", () => {
  // M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, tables 7.1 and 26.1.
  expect(erfc(0.5)).toBeCloseTo(1 - 0.5204998778, 10);
  expect(normalCdf(1)).toBeCloseTo(0.841344746068543, 15);
  expect(normalCdf(0)).toBe(0.5);
});

test("behavior: N keeps 15 digits from the middle to the end of doubles' range", () => {
  fc.assert(
    fc.property(double(-37, 8), (x) => {
      const exact = reference.normalCdf(reference.fromDouble(x));
      expect(Math.abs(reference.relativeError(normalCdf(x), exact))).toBeLessThan(2e-15);
    }),
    runs,
  );
});

test("behavior: N near the middle, where options live", () => {
  fc.assert(
    fc.property(double(-3, 3), (x) => {
      const exact = reference.normalCdf(reference.fromDouble(x));
      expect(Math.abs(reference.relativeError(normalCdf(x), exact))).toBeLessThan(1.3e-15);
    }),
    runs,
  );
});

test("behavior: Mills' ratio is the tail without its exponential", () => {
  fc.assert(
    fc.property(double(0, 36), (x) => {
      const ratio = normalCdf(-x) / normalDensity(x);
      expect(Math.abs(millsRatio(x) / ratio - 1)).toBeLessThan(1e-14);
    }),
  );
});

test("behavior: far out there is 0 or 1, and NaN stays NaN", () => {
  expect([normalCdf(-60), normalCdf(60), normalCdf(Number.NaN)]).toEqual([0, 1, Number.NaN]);
});
