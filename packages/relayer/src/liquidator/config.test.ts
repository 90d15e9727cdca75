import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConfigError } from "../configFile.ts";
import { loadLiquidatorConfig } from "./config.ts";

const key = `0x${"7d".repeat(32)}`;
const text = `nodes = ["http://127.0.0.1:8800"]
[bidding]
minimumProfit = 2.5
[chains.birch]
rpcUrl = "http://127.0.0.1:8546"
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "liquidator-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(written: string, environment: Record<string, string> = { PLIMSOLL_LIQUIDATOR_KEY: key }) {
  const path = join(folder, "liquidator.toml");
  writeFileSync(path, written);
  return loadLiquidatorConfig(path, environment);
}

describe("loadLiquidatorConfig", () => {
  test("default: dollars with 8 decimals, and what was left out", () => {
    expect(load(text)).toMatchObject({
      nodes: ["http://127.0.0.1:8800"],
      subaccount: 0,
      unpaid: true,
      bidding: { closingBps: 20, minimumProfit: 250_000_000n },
      chains: { birch: { rpcUrl: "http://127.0.0.1:8546", nativeUsd: 400_000_000_000n } },
      privateKey: key,
    });
  });

  test("behavior: a URL with a secret comes from the environment", () => {
    const url = "https://rpc.example/secret";
    const { chains } = load(text, { PLIMSOLL_LIQUIDATOR_KEY: key, PLIMSOLL_RPC_URL_BIRCH: url });
    expect(chains["birch"]?.rpcUrl).toBe(url);
  });

  test.each([
    ["no nodes", text.replace(/^nodes.*\n/, ""), /nodes/],
    ["a key misspelt", text.replace("minimumProfit", "minimumProfits"), /line 3.*did you mean "minimumProfit"/],
    ["a negative profit", text.replace("2.5", "-1"), /line 3/],
    ["no TOML", "nodes = [", /TOML/],
  ])("error: ConfigError for %s", (_, written, problem) => {
    expect(() => load(written)).toThrow(ConfigError);
    expect(() => load(written)).toThrow(problem);
  });

  test("error: ConfigError without a key, or with one that is none, which is not repeated", () => {
    expect(() => load(text, {})).toThrow(/PLIMSOLL_LIQUIDATOR_KEY is not set/);
    expect(() => load(text, { PLIMSOLL_LIQUIDATOR_KEY: "secret" })).toThrow(ConfigError);
    expect(() => load(text, { PLIMSOLL_LIQUIDATOR_KEY: "secret" })).not.toThrow(/secret/);
  });
});
