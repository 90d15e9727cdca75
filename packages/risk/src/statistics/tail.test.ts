import fc from "fast-check";
import { expect, test } from "vitest";
import { meanBeyond, quantile, sortLosses } from "./tail.ts";

const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);

test("default: of the losses 1 to 100", () => {
  expect(quantile(hundred, 0.99)).toBe(99);
  expect(meanBeyond(hundred, 0.98)).toBeCloseTo(99.5, 9);
  // The worst 2.5 of them: 100, 99 and half of 98.
  expect(meanBeyond(hundred, 0.975)).toBeCloseTo((100 + 99 + 49) / 2.5, 9);
});

test("behavior: expected shortfall is at least the value at risk of the same confidence, and at most the worst", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
      fc.double({ min: 0.01, max: 0.995, noNaN: true }),
      (losses, confidence) => {
        const sorted = sortLosses(Float64Array.from(losses));
        const shortfall = meanBeyond(sorted, confidence);
        expect(shortfall).toBeGreaterThanOrEqual(quantile(sorted, confidence) - 1e-3);
        expect(shortfall).toBeLessThanOrEqual((sorted.at(-1) as number) + 1e-3);
      },
    ),
  );
});
