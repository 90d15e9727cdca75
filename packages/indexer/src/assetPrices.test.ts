import { parseUnits } from "viem";
import { expect, test } from "vitest";
import { assetPrices } from "./assetPrices.ts";
import { openDatabase } from "./database.ts";
import type { RiskSetting } from "./decode/risk.ts";
import { supersede } from "./store/supersede.ts";
import { feedAnswers, riskSettings } from "./tables/risk.ts";

const hub = 1;
const [feed, silent] = [`0x${"fe".repeat(20)}`, `0x${"ff".repeat(20)}`] as const;
const [eth, dead] = [`0x${"01".repeat(32)}`, `0x${"02".repeat(32)}`] as const;

test("default: the newest answer's, with 8 decimals, of every registered asset that has one", () => {
  const database = openDatabase(":memory:");
  const set = (key: string, setting: RiskSetting) =>
    supersede(database, riskSettings, 1, { eid: hub, kind: setting.kind, key }, { setting, version: 1, atSeconds: 1 });
  const limits = { freshSeconds: 1, maxAgeSeconds: 1, lastSeconds: 1, widestBps: 1, depthE8: "0" };
  set(eth, { kind: "underlying", underlying: eth, feed, feedDecimals: 18, ...limits });
  set(dead, { kind: "underlying", underlying: dead, feed: silent, feedDecimals: 8, ...limits });
  for (const [asset, underlying] of [
    ["2:0xaa", eth],
    ["2:0xbb", dead],
  ] as const)
    set(asset, { kind: "asset", asset, underlying, haircutBps: 500, decimals: 18, depthE8: "0" });
  const answered = (block: number, answer: bigint) => {
    const values = { answer, updatedAtSeconds: block, atSeconds: block, volatility: null };
    supersede(database, feedAnswers, block, { eid: hub, feed }, values);
  };
  answered(1, parseUnits("3999", 18));
  expect(assetPrices(database, hub).get("2:0xaa")).toEqual({ priceE8: parseUnits("3999", 8), decimals: 18 });
  answered(2, parseUnits("4000.123456789", 18));
  expect([...assetPrices(database, hub)]).toEqual([
    ["2:0xaa", { priceE8: parseUnits("4000.12345678", 8), decimals: 18 }],
  ]);
  answered(3, -1n);
  expect(assetPrices(database, hub)).toEqual(new Map());
  database.close();
});
