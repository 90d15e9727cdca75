import { expect, test } from "vitest";
import { ScenarioCountMismatch } from "./errors.ts";
import { marginSummary } from "./margin.ts";

test("default: what the stresses would take", () => {
  expect(marginSummary([100n, 40n, 120n, 40n], 5000)).toEqual({
    base: 100n,
    worst: 40n,
    worstScenario: 1,
    initialMargin: 60n,
    maintenanceMargin: 30n,
  });
});

test("behavior: maintenance margin is rounded up", () => {
  expect(marginSummary(BigInt64Array.of(10n, 9n), 5001).maintenanceMargin).toBe(1n);
});

test("error: ScenarioCountMismatch without scenarios", () => {
  expect(() => marginSummary([], 5000)).toThrow(ScenarioCountMismatch);
});
