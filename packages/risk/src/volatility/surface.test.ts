import fc from "fast-check";
import { expect, test } from "vitest";
import { timeValue } from "../pricing/option.ts";
import { InvalidVolatilitySurface, OutsideVolatilitySurface } from "./errors.ts";
import { impliedVolatility } from "./implied-volatility.ts";
import { impliedVolatilityE8 } from "./implied-volatility-integer.ts";
import type { VolatilitySlice, VolatilitySurface } from "./surface.ts";
import { validateVolatilitySurface } from "./validate-surface.ts";

const day = 86_400;
const month: VolatilitySlice = {
  expirySeconds: 30 * day,
  atTheMoneyE8: 60_000_000n,
  skewE8: -50_000_000n,
  curvatureE8: 300_000_000n,
};
const quarter: VolatilitySlice = {
  ...month,
  expirySeconds: 91 * day,
  atTheMoneyE8: 65_000_000n,
  curvatureE8: 150_000_000n,
};
const surface: VolatilitySurface = { slices: [month, quarter] };
const atTheMoney = { forwardE8: 4_000_00000000n, strikeE8: 4_000_00000000n, nowSeconds: 0 };

test("default: levels at the expiries, total variance between them", () => {
  validateVolatilitySurface(surface, 0);
  expect(impliedVolatilityE8(surface, { ...atTheMoney, expirySeconds: 30 * day })).toBe(60_000_000n);
  expect(impliedVolatilityE8(surface, { ...atTheMoney, expirySeconds: day })).toBe(60_000_000n);
  // sqrt((0.36 * 30 * 31 + 0.4225 * 91 * 30) / 61 / 60)
  expect(impliedVolatilityE8(surface, { ...atTheMoney, expirySeconds: 60 * day })).toBe(63_766_672n);
});

const slices = fc.record({
  days: fc.integer({ min: 1, max: 200 }),
  atTheMoneyE8: fc.bigInt({ min: 10_000_000n, max: 200_000_000n }),
  skewE8: fc.bigInt({ min: -300_000_000n, max: 300_000_000n }),
  curvatureE8: fc.bigInt({ min: 1_000n, max: 2_000_000_000n }),
});
const surfaces = fc.array(slices, { minLength: 1, maxLength: 4 }).map((list): VolatilitySurface => {
  let days = 0;
  return {
    slices: list.map(({ days: more, ...slice }) => {
      days += more;
      return { ...slice, expirySeconds: days * day };
    }),
  };
});

function isAccepted(candidate: VolatilitySurface): boolean {
  try {
    validateVolatilitySurface(candidate, 0);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidVolatilitySurface);
    return false;
  }
}

test("behavior: doubles and integers agree to 2e-8", () => {
  const share = fc.double({ min: 0.001, max: 1, noNaN: true });
  fc.assert(
    fc.property(surfaces, share, fc.double({ min: -3, max: 3, noNaN: true }), (candidate, part, k) => {
      const last = candidate.slices.at(-1)?.expirySeconds ?? 0;
      const expirySeconds = Math.max(1, Math.floor(last * part));
      const [forwardE8, strikeE8] = [10n ** 12n, BigInt(Math.round(1e12 * Math.exp(k)))];
      const exact = impliedVolatilityE8(candidate, { forwardE8, strikeE8, expirySeconds, nowSeconds: 0 });
      const point = { forward: 1e4, strike: Number(strikeE8) / 1e8, expirySeconds, nowSeconds: 0 };
      expect(Math.abs(impliedVolatility(candidate, point) - Number(exact) / 1e8)).toBeLessThan(2e-8);
    }),
    { numRuns: 1000 },
  );
});

test("behavior: calls of an accepted surface fall and bend with the strike, and grow with time", () => {
  const strikes = Array.from({ length: 41 }, (_, i) => 50 + 2.5 * i);
  const call = (candidate: VolatilitySurface, strike: number, expirySeconds: number) => {
    const volatility = impliedVolatility(candidate, { forward: 100, strike, expirySeconds, nowSeconds: 0 });
    const time = timeValue(100, strike, volatility * Math.sqrt(expirySeconds / 31_536_000));
    return time + Math.max(0, 100 - strike);
  };
  let accepted = 0;
  fc.assert(
    fc.property(surfaces, (candidate) => {
      if (!isAccepted(candidate)) return;
      accepted += 1;
      const last = candidate.slices.at(-1)?.expirySeconds ?? 0;
      let before = strikes.map((strike) => Math.max(0, 100 - strike));
      for (const share of [0.2, 0.5, 0.8, 1]) {
        const calls = strikes.map((strike) => call(candidate, strike, Math.max(1, Math.floor(last * share))));
        for (const [i, value] of calls.entries()) {
          expect(value).toBeGreaterThanOrEqual((before[i] ?? 0) - 1e-9);
          const [next = 0, third] = [calls[i + 1] ?? value, calls[i + 2]];
          expect(next).toBeLessThanOrEqual(value + 1e-9);
          if (third !== undefined) expect(value - 2 * next + third).toBeGreaterThanOrEqual(-1e-9);
        }
        before = calls;
      }
    }),
    { numRuns: 500 },
  );
  expect(accepted).toBeGreaterThan(50);
});

test.each<[string, VolatilitySlice[]]>([
  ["no expiry", []],
  ["an expiry that has passed", [{ ...month, expirySeconds: 0 }]],
  ["expiries out of order", [quarter, month]],
  ["no level", [{ ...month, atTheMoneyE8: 0n }]],
  ["negative curvature", [{ ...month, curvatureE8: -1n }]],
  ["skew without curvature", [{ ...month, curvatureE8: 0n }]],
  ["absurd curvature", [{ ...month, curvatureE8: 10n ** 30n }]],
  ["half a second", [{ ...month, expirySeconds: 1.5 }]],
  ["a butterfly below nothing", [{ ...month, curvatureE8: 20_000_000_000n }]],
  ["a later expiry with less variance", [month, { ...quarter, atTheMoneyE8: 30_000_000n }]],
  ["wings that cross", [month, { ...quarter, atTheMoneyE8: 40_000_000n, curvatureE8: 1_000n, skewE8: 0n }]],
])("error: InvalidVolatilitySurface for %s", (_, bad) => {
  expect(() => validateVolatilitySurface({ slices: bad }, 0)).toThrow(InvalidVolatilitySurface);
});

test("error: OutsideVolatilitySurface", () => {
  const at = (expirySeconds: number) => () => impliedVolatilityE8(surface, { ...atTheMoney, expirySeconds });
  expect(at(92 * day)).toThrow(OutsideVolatilitySurface);
  expect(at(0)).toThrow(OutsideVolatilitySurface);
});
