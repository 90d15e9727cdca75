import { validateScenarioSet } from "@plimsoll/risk/scenarios";
import { expect, test } from "vitest";
import { scenarioSet } from "./scenarios.ts";

test("default: a sound set of 31 rows", () => {
  expect(validateScenarioSet(scenarioSet())).toBe(31);
});

test("behavior: no two rows are the same stress", () => {
  const { underlyings, priceShocksBps, volatilityShocksBps } = scenarioSet();
  const columns = underlyings.length;
  const rows = Array.from({ length: priceShocksBps.length / columns }, (_, row) =>
    [priceShocksBps, volatilityShocksBps].map((shocks) => shocks.slice(row * columns, (row + 1) * columns)).join("|"),
  );
  expect(new Set(rows).size).toBe(rows.length);
});

test("behavior: a spread between bitcoin and ether loses in some row, whichever way round", () => {
  const { underlyings, priceShocksBps } = scenarioSet();
  const columns = underlyings.length;
  for (const side of [1, -1]) {
    const losses = priceShocksBps
      .map((bps, index) => (index % columns === 0 ? side * (bps - (priceShocksBps[index + 1] ?? 0)) : 0))
      .filter((value) => value < -500);
    expect(losses.length).toBeGreaterThan(0);
  }
});
