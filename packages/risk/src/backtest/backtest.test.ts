import { beforeAll, expect, test } from "vitest";
import { reportSvg } from "../cli/report-svg.ts";
import { reportText } from "../cli/report-text.ts";
import { HistoryTooShort } from "../history/errors.ts";
import { type BacktestReport, runBacktest } from "./backtest.ts";
import { procyclicality } from "./procyclicality.ts";

const hours = 3400;
const crash = 3200;

/** Two coins with half of their moves in common, from a fixed seed; at one hour both lose 12 %. */
function makeHistory() {
  let state = 11;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32 - 0.5;
  };
  const closes = [new Float64Array(hours).fill(100), new Float64Array(hours).fill(10)];
  for (let t = 1; t < hours; t++) {
    const shared = uniform() + (t === crash ? -12 : 0);
    for (const series of closes) series[t] = (series[t - 1] as number) * Math.exp(0.01 * (shared + uniform()));
  }
  return { underlyings: ["BTC", "ETH"], closes };
}

const history = makeHistory();
const times = Array.from({ length: hours }, (_, t) => new Date(Date.UTC(2024, 0, 1, t)).toISOString());
let report: BacktestReport;

beforeAll(() => {
  report = runBacktest(history);
});

test("default: finds the crash, what it did to margin, and its exceptions", () => {
  const [worst] = report.worstHours;
  expect(worst).toMatchObject({ hour: crash, leadHours: 0 });
  expect(worst?.atEnd).toBeGreaterThan(1.5 * (worst?.atStart ?? 0));
  expect(report.procyclicality.scaled.oneDay).toBeGreaterThan(1.5);
  expect(report.procyclicality.scaled.peakToTrough).toBeGreaterThan(report.procyclicality.fixed.peakToTrough);
  for (const { portfolio, tests, forecasts } of report.valueAtRisk) {
    if (portfolio !== "long") continue;
    const found = forecasts.filter(({ hour, valueAtRisk, loss }) => hour < crash && loss > Math.max(valueAtRisk, 0.1));
    expect(found.length).toBe(1);
    expect(tests.exceptions).toBeGreaterThan(0);
  }
  const hourly = report.valueAtRisk.find(({ horizonHours }) => horizonHours === 1);
  expect(hourly?.tests.proportion.pValue).toBeGreaterThan(0.01);
});

test("behavior: what comes later changes nothing that was said before", () => {
  const changed = history.closes.map((series) =>
    series.map((close, t) => (t > 3000 ? close * (1 + (t % 7) / 50) : close)),
  );
  const other = runBacktest({ ...history, closes: changed });
  for (const name of ["fixed", "scaled"] as const) {
    expect(other.paths[name].subarray(0, 3001)).toEqual(report.paths[name].subarray(0, 3001));
    expect(other.paths[name]).not.toEqual(name === "scaled" ? report.paths.scaled : null);
  }
  for (const [index, { forecasts }] of report.valueAtRisk.entries()) {
    const said = (all: typeof forecasts) =>
      all.filter(({ hour }) => hour <= 3000).map(({ valueAtRisk }) => valueAtRisk);
    expect(said(other.valueAtRisk[index]?.forecasts ?? [])).toEqual(said(forecasts));
  }
});

test("behavior: rises and range of a margin path", () => {
  const path = Float64Array.from({ length: 300 }, (_, t) => (t < 100 ? 2 : t < 110 ? 3 : t < 250 ? 4 : 1));
  expect(procyclicality(path, 0)).toEqual({ oneDay: 2, fiveDays: 2, peakToTrough: 4 });
});

test("behavior: the table has a line for each result, the picture no figure that is not one", () => {
  const text = reportText(report, times);
  expect(text.split("\n").length).toBeGreaterThan(9 + 18 + 10 + 2);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  const svg = reportSvg(report, times);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(svg.length).toBeLessThan(200_000);
  expect(svg.match(/<polyline/g)).toHaveLength(3);
});

test("error: HistoryTooShort", () => {
  expect(() => runBacktest({ underlyings: ["BTC"], closes: [new Float64Array(2000).fill(1)] })).toThrow(
    HistoryTooShort,
  );
});
