import { expect, test } from "vitest";
import { InvalidScenarioSet, UnstressedUnderlying } from "./errors.ts";
import { priceShocksOf, type ScenarioSet, validateScenarioSet } from "./scenarios.ts";

const set: ScenarioSet = {
  underlyings: ["BTC", "ETH"],
  priceShocksBps: [0, 0, -1000, -1500, 1000, 1500],
  volatilityShocksBps: [0, 0, 2000, 2000, 0, 0],
};

test("default: counts rows and picks columns", () => {
  expect(validateScenarioSet(set)).toBe(3);
  expect(priceShocksOf(set, "ETH")).toEqual([0, -1500, 1500]);
});

test("error: UnstressedUnderlying", () => {
  expect(() => priceShocksOf(set, "SOL")).toThrow(UnstressedUnderlying);
});

test.each([
  ["no underlying", { ...set, underlyings: [] }],
  ["an underlying twice", { ...set, underlyings: ["BTC", "BTC"] }],
  ["no row", { ...set, priceShocksBps: [], volatilityShocksBps: [] }],
  ["half a row", { ...set, priceShocksBps: [0, 0, 1], volatilityShocksBps: [0, 0, 1] }],
  ["unequal arrays", { ...set, volatilityShocksBps: [0, 0] }],
  ["a shocked base", { ...set, priceShocksBps: [1, 0, -1000, -1500, 1000, 1500] }],
  ["a shocked base volatility", { ...set, volatilityShocksBps: [1, 0, 0, 0, 0, 0] }],
  ["a price of nothing", { ...set, priceShocksBps: [0, 0, -10_000, 0, 0, 0] }],
  ["fractions", { ...set, priceShocksBps: [0, 0, 0.5, 0, 0, 0] }],
  ["too many rows", { ...set, priceShocksBps: new Array(82).fill(0), volatilityShocksBps: new Array(82).fill(0) }],
])("error: InvalidScenarioSet for %s", (_, bad) => {
  expect(() => validateScenarioSet(bad)).toThrow(InvalidScenarioSet);
});
