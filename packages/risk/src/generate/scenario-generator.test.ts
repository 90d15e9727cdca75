import { expect, test } from "vitest";
import { filterHistory } from "../history/filtered-history.ts";
import { defaultVolatilityPolicy } from "../history/volatility.ts";
import { priceShocksOf, validateScenarioSet } from "../scenarios.ts";
import { generateScenarioSet } from "./scenario-generator.ts";

/** Prices of several underlyings that share half of their moves, from a fixed seed. */
function makeHistory(count: number, hours = 3000) {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32 - 0.5;
  };
  const closes = Array.from({ length: count }, () => new Float64Array(hours).fill(100));
  for (let t = 1; t < hours; t++) {
    const shared = uniform();
    for (const series of closes) series[t] = (series[t - 1] as number) * Math.exp(0.02 * (shared + uniform()));
  }
  const underlyings = closes.map((_, index) => `U${index}`);
  return filterHistory({ underlyings, closes }, defaultVolatilityPolicy);
}

test("default: 9 x 3 moves, 2 tails and 2 rows apart for two underlyings", () => {
  const set = generateScenarioSet(makeHistory(2), 2999);
  expect(validateScenarioSet(set)).toBe(31);
  const [a, b] = [priceShocksOf(set, "U0"), priceShocksOf(set, "U1")];
  expect(a.slice(0, 3)).toEqual([0, 0, 0]);
  const widest = Math.min(...a.slice(0, 27));
  expect(Math.min(...a)).toBe(a[27]);
  expect(a[27]).toBeLessThan(widest);
  // 24 hours of uniform moves: a deviation of about 4 %.
  expect(widest).toBeLessThan(-600);
  expect(widest).toBeGreaterThan(-1600);
  expect(new Set(set.volatilityShocksBps.map(Math.sign))).toEqual(new Set([0, 1, -1]));
  expect(a[29]).toBeGreaterThan(0);
  expect(b[29]).toBeLessThan(0);
});

test.each([1, 2, 3, 4, 5, 7, 12])("behavior: any spread of two among %d is stressed both ways, in 40 rows", (count) => {
  const set = generateScenarioSet(makeHistory(count, 1200), 1199);
  expect(validateScenarioSet(set)).toBeLessThanOrEqual(40);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [priceShocksOf(set, `U${i}`), priceShocksOf(set, `U${j}`)];
      expect(a.some((move, row) => move > 0 && (b[row] ?? 0) < 0)).toBe(true);
      expect(a.some((move, row) => move < 0 && (b[row] ?? 0) > 0)).toBe(true);
    }
  }
});

test("behavior: the same history gives the same set, whatever comes later", () => {
  const history = makeHistory(2);
  expect(generateScenarioSet(makeHistory(2, 2500), 2000)).toEqual(generateScenarioSet(history, 2000));
});
