import fc from "fast-check";
import { expect, test } from "vitest";
import { UnstressedUnderlying } from "../errors.ts";
import { HistoryTooShort, InvalidHistory } from "../history/errors.ts";
import { filterHistory, simulateMoves, stretchStarts } from "../history/filtered-history.ts";
import { logReturns } from "../history/returns.ts";
import { forecastVolatilities } from "../history/volatility.ts";
import { breachChance } from "./breach-chance.ts";
import { linearRevaluation } from "./linear-account.ts";
import { valueAtRisk } from "./value-at-risk.ts";

const policy = { fastHalfLifeHours: 24, slowHalfLifeHours: 240, stressedShare: 0.5, warmUpHours: 50 };

/** Normal hourly returns (Box and Muller) of a given volatility, by the hour, from a fixed seed. */
function makeCloses(hours: number, volatility: (hour: number) => number, seed = 1): Float64Array {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  let price = 100;
  return Float64Array.from({ length: hours }, (_, hour) => {
    price *= Math.exp(volatility(hour) * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
    return price;
  });
}

const calmThenWild = makeCloses(6001, (hour) => (hour < 5500 ? 0.004 : 0.012));
const history = filterHistory({ underlyings: ["BTC"], closes: [calmThenWild] }, policy);
const long = linearRevaluation(["BTC"], 0, [{ underlying: "BTC", valueUsd: 1000 }]);

test("default: after volatility tripled, the value at risk is today's and not the average's", () => {
  const risk = valueAtRisk(history, long, { now: 6000, horizonHours: 1, lookbackHours: 5000, stepHours: 1 });
  const today = history.volatilities[0]?.[6000] as number;
  // A normal 99 % quantile is 2.326 deviations, the mean beyond 97.5 % is 2.338.
  expect(risk.valueAtRisk99 / (1000 * today)).toBeGreaterThan(1.9);
  expect(risk.valueAtRisk99 / (1000 * today)).toBeLessThan(2.5);
  expect(risk.expectedShortfall975 / risk.valueAtRisk99).toBeGreaterThan(0.9);
  expect(today).toBeGreaterThan(0.009);
  const before = valueAtRisk(history, long, { now: 5400, horizonHours: 1, lookbackHours: 5000, stepHours: 1 });
  expect(risk.valueAtRisk99).toBeGreaterThan(2 * before.valueAtRisk99);
});

test("behavior: longer horizons move more, as the root of time does", () => {
  const at = (horizonHours: number, stepHours: number) =>
    valueAtRisk(history, long, { now: 6000, horizonHours, lookbackHours: 5000, stepHours });
  const ratio = at(8, 1).valueAtRisk99 / at(1, 1).valueAtRisk99;
  expect(ratio).toBeGreaterThan(2);
  expect(ratio).toBeLessThan(3.6);
  expect(at(24, 24).simulations).toBe(208);
  expect(at(24, 1).simulations).toBe(4977);
});

test("behavior: knows nothing of what comes after `now`", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2000, max: 5000 }), fc.double({ min: 0.1, max: 10, noNaN: true }), (now, factor) => {
      const changed = calmThenWild.map((close, hour) => (hour > now ? close * factor : close));
      const other = filterHistory({ underlyings: ["BTC"], closes: [changed] }, policy);
      for (const horizonHours of [1, 24]) {
        const window = { now, horizonHours, lookbackHours: 1500, stepHours: 1 };
        expect(valueAtRisk(other, long, window)).toEqual(valueAtRisk(history, long, window));
      }
    }),
    { numRuns: 20 },
  );
});

test("behavior: a stretch at unchanged volatility is simulated as it was", () => {
  const flat = { ...policy, stressedShare: 1e9 };
  const filtered = filterHistory({ underlyings: ["BTC"], closes: [calmThenWild] }, flat);
  // A floor far above every estimate, and so almost constant, takes the filter away.
  const constant = { ...filtered, volatilities: filtered.volatilities.map((v) => v.fill(1)) };
  const sums = [
    Float64Array.from(logReturns(calmThenWild)).map((_, t, all) => all.slice(0, t).reduce((a, b) => a + b, 0)),
  ];
  const window = { now: 5000, horizonHours: 8, lookbackHours: 100, stepHours: 8 };
  const [moves] = simulateMoves({ ...constant, sums }, window);
  const starts = stretchStarts(filtered, window);
  for (const [k, start] of starts.entries()) {
    expect(moves?.[k]).toBeCloseTo((calmThenWild[start + 8] as number) / (calmThenWild[start] as number) - 1, 9);
  }
});

test("behavior: the chance of a breach grows with time and with leverage", () => {
  const chance = (cashUsd: number, horizonHours: number) => {
    const value = linearRevaluation(["BTC"], cashUsd - 1000, [{ underlying: "BTC", valueUsd: 1000 }]);
    const excess = (moves: readonly number[], hours: number) => value(moves, hours) - 20;
    return breachChance(history, excess, { now: 6000, horizonHours, lookbackHours: 5000, stepHours: 1 }).chance;
  };
  expect(chance(1000, 8)).toBe(0);
  expect(chance(-1000, 1)).toBe(1);
  expect(chance(40, 1)).toBeGreaterThan(0);
  expect(chance(40, 8)).toBeGreaterThan(chance(40, 1));
  expect(chance(30, 8)).toBeGreaterThan(chance(40, 8));
});

test("behavior: volatility rises with the fast estimate and stays above the stressed floor", () => {
  const returns = new Float64Array(5000).fill(0.001);
  returns.fill(0.05, 1000, 1200);
  const volatilities = forecastVolatilities(returns, policy);
  expect(volatilities[1000]).toBeCloseTo(0.001, 9);
  expect(volatilities[1024]).toBeGreaterThan(0.035);
  // The fast one is down after ten days; the slow one, and at last the floor, are not.
  expect(volatilities[1440]).toBeGreaterThan(0.02);
  expect(volatilities[5000]).toBeCloseTo(
    0.5 * Math.sqrt(0.05 ** 2 * (1 - 2 ** (-200 / 240)) + 0.001 ** 2 * 2 ** (-200 / 240)),
    6,
  );
});

test("error: HistoryTooShort, InvalidHistory, UnstressedUnderlying", () => {
  expect(() => filterHistory({ underlyings: ["BTC"], closes: [new Float64Array(10).fill(1)] }, policy)).toThrow(
    HistoryTooShort,
  );
  expect(() => filterHistory({ underlyings: ["BTC"], closes: [new Float64Array(99)] }, policy)).toThrow(InvalidHistory);
  expect(() => filterHistory({ underlyings: [], closes: [] }, policy)).toThrow(InvalidHistory);
  expect(() => linearRevaluation(["BTC"], 0, [{ underlying: "ETH", valueUsd: 1 }])).toThrow(UnstressedUnderlying);
  const window = { now: 50, horizonHours: 1, lookbackHours: 10, stepHours: 1 };
  expect(() => valueAtRisk(history, long, window)).toThrow(HistoryTooShort);
});
