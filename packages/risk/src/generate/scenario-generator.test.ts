import { expect, test } from "vitest";
import { InvalidScenarioSet } from "../errors.ts";
import { filterHistory } from "../history/filtered-history.ts";
import { defaultVolatilityPolicy } from "../history/volatility.ts";
import { priceShocksOf, validateScenarioSet } from "../scenarios.ts";
import { distanceApart } from "./distance-apart.ts";
import { defaultGeneratorPolicy, generateScenarioSet } from "./scenario-generator.ts";

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
  // Half of their moves in common: about a whole range apart, half of it each.
  expect((a[29] ?? 0) / (a[28] ?? 1)).toBeGreaterThan(0.35);
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

test("behavior: stablecoins stand still in every row but their own, and fit beside any number of underlyings", () => {
  const stablecoins = [
    { underlying: "USDC", depegBps: 1300 },
    { underlying: "USDT", depegBps: 800 },
  ];
  for (const count of [1, 2, 3, 7]) {
    const set = generateScenarioSet(makeHistory(count, 1200), 1199, { ...defaultGeneratorPolicy, stablecoins });
    const rows = validateScenarioSet(set);
    const usdc = priceShocksOf(set, "USDC");
    expect(usdc.map((move) => move !== 0).filter(Boolean)).toHaveLength(1);
    expect([usdc[rows - 1], priceShocksOf(set, "USDT")[rows - 1], priceShocksOf(set, "U0")[rows - 1]]).toEqual([
      -1300, -800, 0,
    ]);
  }
  const gone = { ...defaultGeneratorPolicy, stablecoins: [{ underlying: "USDC", depegBps: 10_000 }] };
  expect(() => generateScenarioSet(makeHistory(1, 1200), 1199, gone)).toThrow(InvalidScenarioSet);
});

test("behavior: coins that always moved together are still moved apart, coins that did not are by what was seen", () => {
  const series = Float64Array.from({ length: 1000 }, (_, k) => Math.sin(k * k) / 10);
  const range = { down: 0.1, up: 0.1 };
  const apart = (other: Float64Array) => distanceApart([series, other], [range, range], 0, 1, 0.99);
  // Correlation 1 stays 1 in the low scenario, and a quarter of a range is left; 0.9 becomes 0.8.
  expect(apart(series)).toBe(0.25);
  const nearly = series.map((move, k) => 0.9 * move + Math.sqrt(0.19) * (series[(k + 500) % 1000] as number));
  expect(apart(nearly)).toBeGreaterThan(Math.sqrt(2 * (1 - 0.85)));
  expect(apart(series.map((move) => -move))).toBeCloseTo(2, 3);
  expect(apart(new Float64Array(1000))).toBeCloseTo(Math.SQRT2, 12);
});
