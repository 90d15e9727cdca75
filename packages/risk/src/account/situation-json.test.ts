import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InvalidScenarioSet } from "../errors.ts";
import { accountMargin } from "./account-margin.ts";
import { amountOf } from "./json-fields.ts";
import { priceMarket } from "./priced-market.ts";
import { InvalidSituation, parseSituation } from "./situation-json.ts";

const text = readFileSync(join(import.meta.dirname, "../../examples/account.json"), "utf8");

test("default: the example reads, and is an account that can be margined", () => {
  const { market, account, changes, largest, restore } = parseSituation(text);
  expect(market.underlyings.get("BTC")).toMatchObject({ priceE8: 68_000_00000000n, basisRateE8: 4_000_000n });
  expect(account.chains[0]?.collateral[1]).toEqual({ asset: "WETH", amount: 4n * 10n ** 18n });
  expect(changes[1]).toMatchObject({ kind: "transfer", amount: -2_500_000_000n });
  expect([largest.length, restore?.length]).toEqual([1, 3]);
  expect(accountMargin(priceMarket(market), account).initialMargin).toBeGreaterThan(0n);
});

test("behavior: decimals are exact, and none is cut off", () => {
  expect(["1.25", "-0.00000001", "7", 0.5].map((value) => amountOf(value, 8))).toEqual([
    125_000_000n,
    -1n,
    700_000_000n,
    50_000_000n,
  ]);
  expect(["", "1.", ".5", "1e3", "0x1", "1.123456789", "--1", " 1"].map((value) => amountOf(value, 8))).toEqual(
    new Array(8).fill(undefined),
  );
});

test.each([
  ["what is no JSON", "{"],
  ["a field that nobody knows", text.replace('"now"', '"today"')],
  ["an amount with too many digits", text.replace('"20000"', '"20000.1234567"')],
  ["a price that is no decimal", text.replace('"68000"', '"a lot"')],
  ["a time that is none", text.replace("2026-03-31T23:00Z", "yesterday")],
  ["collateral in an unknown asset", text.replace('"asset": "WETH"', '"asset": "WBTC"')],
])("error: InvalidSituation for %s", (_, bad) => {
  expect(() => parseSituation(bad)).toThrow(InvalidSituation);
});

test("error: InvalidScenarioSet", () => {
  expect(() => parseSituation(text.replace('"priceShocksBps": [\n      0', '"priceShocksBps": [\n      1'))).toThrow(
    InvalidScenarioSet,
  );
});
