import { expect, test } from "vitest";
import { UnpricedInstrumentKind } from "./errors.ts";
import { expiryScenarios } from "./pricing/expiry-scenarios.ts";
import { optionPricesExactly } from "./pricing/option-array.ts";
import { isPricedKind, riskArray } from "./risk-array.ts";
import { standardVolatilityTerm } from "./shocks/volatility-term.ts";

test("default: a perpetual moves with its index", () => {
  const prices = riskArray({ kind: "perpetual", multiplierE8: 10_000_000n }, 4_000_00000000n, [0, -1000, 2500]);
  expect([...prices]).toEqual([400_00000000n, 360_00000000n, 500_00000000n]);
});

test("behavior: what does not divide evenly is rounded down, once", () => {
  expect([...riskArray({ kind: "perpetual", multiplierE8: 33_333_333n }, 1n, [0, 20_001])]).toEqual([0n, 1n]);
});

test.each(["future", "call", "put"] as const)("error: UnpricedInstrumentKind for a %s", (kind) => {
  expect(isPricedKind(kind)).toBe(false);
  expect(() => riskArray({ kind, multiplierE8: 1n }, 1n, [0])).toThrow(UnpricedInstrumentKind);
});

const market = { indexE8: 4_000_00000000n, basisRateE8: 0n, discountRateE8: 0n, secondsToExpiry: 86_400 };
const volatilityTerm = standardVolatilityTerm;
const expiry = expiryScenarios({
  ...market,
  priceShocksBps: [0, -1000],
  volatilityShocksBps: [0, 2000],
  volatilityTerm,
});

test("behavior: a future without basis moves like its index, an option by its own model", () => {
  const future = riskArray({ kind: "future", multiplierE8: 10_000_000n }, 0n, [], { expiry });
  expect([...future]).toEqual([400_00000000n, 360_00000000n]);
  const put = { kind: "put", multiplierE8: 100_000_000n, strikeE8: 4_000_00000000n } as const;
  const prices = riskArray(put, 0n, [], { expiry, volatilityE8: 60_000_000n });
  expect(prices).toEqual(optionPricesExactly(put, 60_000_000n, expiry));
});

test("error: UnpricedInstrumentKind for an option without volatility or strike", () => {
  const put = { kind: "put", multiplierE8: 100_000_000n } as const;
  expect(() => riskArray({ ...put, strikeE8: 1n }, 0n, [], { expiry })).toThrow(UnpricedInstrumentKind);
  expect(() => riskArray(put, 0n, [], { expiry, volatilityE8: 60_000_000n })).toThrow(UnpricedInstrumentKind);
});
