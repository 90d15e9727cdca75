import fc from "fast-check";
import { expect, test } from "vitest";
import {
  InvalidVolatilityTerm,
  scaleAwayFromZero,
  scaleVolatilityShocks,
  standardVolatilityTerm as term,
  volatilityTermBps,
} from "./volatility-term.ts";

const day = 86_400;

test("default: short-dated volatility moves more", () => {
  // (30 / 15)^0.3 = 1.2311...: the example of Deribit's page. (30 / 90)^0.13 = 0.8669...
  expect(volatilityTermBps(15 * day, term)).toBe(12_312n);
  expect(volatilityTermBps(30 * day, term)).toBe(10_000n);
  expect(volatilityTermBps(90 * day, term)).toBe(8_670n);
  expect(scaleVolatilityShocks([0, 2500, -2500], day, term)).toEqual([0, 6936, -6936]);
});

test("behavior: between floor and cap, and never more for a longer expiry", () => {
  expect([volatilityTermBps(0, term), volatilityTermBps(60, term)]).toEqual([30_000n, 30_000n]);
  const seconds = fc.integer({ min: 0, max: 630_720_000 });
  fc.assert(
    fc.property(seconds, seconds, (a, b) => {
      const [sooner, later] = a < b ? [a, b] : [b, a];
      const [wide, narrow] = [volatilityTermBps(sooner, term), volatilityTermBps(later, term)];
      expect(wide >= narrow && narrow >= 5_000n && wide <= 30_000n).toBe(true);
    }),
  );
});

test("behavior: the factor is the power, to the next basis point", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 63_072_000 }), (seconds) => {
      const power = seconds < 30 * day ? 0.3 : 0.13;
      const exact = Math.min(30_000, Math.max(5_000, 10_000 * ((30 * day) / seconds) ** power));
      expect(Math.abs(Number(volatilityTermBps(seconds, term)) - exact - 0.5)).toBeLessThan(0.500001);
    }),
  );
});

test("behavior: moves are scaled away from zero and stay above -100 %", () => {
  expect([scaleAwayFromZero(-1001, 15_000n), scaleAwayFromZero(1001, 15_000n), scaleAwayFromZero(0, 15_000n)]).toEqual([
    -1502, 1502, 0,
  ]);
  expect(scaleAwayFromZero(-6000, 20_000n)).toBe(-9_999);
});

test.each([{ referenceSeconds: 0 }, { shortPowerBps: -1 }, { longPowerBps: 0.5 }, { floorBps: 0 }, { capBps: 9_999 }])(
  "error: InvalidVolatilityTerm for %o",
  (part) => {
    expect(() => volatilityTermBps(day, { ...term, ...part })).toThrow(InvalidVolatilityTerm);
  },
);
