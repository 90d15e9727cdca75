import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { validateScenarioSet } from "../scenarios.ts";
import { runCli } from "./run.ts";
import { WrongUsage } from "./wrong-usage.ts";

const columns = ["btc", "eth"].flatMap((name) => ["open", "high", "low", "close"].map((field) => `${name}_${field}`));
const rows = Array.from({ length: 700 }, (_, t) => {
  const time = new Date(Date.UTC(2024, 0, 1, t)).toISOString();
  const [btc, eth] = [100 + Math.sin(t) * 2, 10 + Math.cos(t / 3)];
  return [time, btc, btc, btc, btc, eth, eth, eth, eth].join(",");
});
const account = readFileSync(join(import.meta.dirname, "../../examples/account.json"), "utf8");
/** A month and three ahead: at the money, and skew. */
function surface(...smiles: [number, number][]): string {
  const slices = smiles.map(([atTheMoney, skew], index) => {
    return { expiry: 2_592_000 * (2 * index + 1), atTheMoney, skew, curvature: (1 + skew * skew).toFixed(8) };
  });
  return JSON.stringify({ now: 0, surface: slices });
}
const files: Record<string, string> = {
  "prices.csv": [["time_utc", ...columns].join(","), ...rows].join("\n"),
  "account.json": account,
  "distressed.json": account.replace('"-83350"', '"-105350"'),
  "surface.json": surface([0.52, -0.4], [0.55, -0.3]),
  "calendar.json": surface([0.9, -0.4], [0.3, -0.3]),
  "butterfly.json": surface([0.52, -0.4], [9, -90]),
  "broken.json": account.replace('"kind": "perpetual"', '"kind": "swap"'),
};

/** Runs a command on files that are not there on any disk. */
function run(...args: string[]) {
  const written: Record<string, string> = {};
  let out = "";
  let told = "";
  const code = runCli(args, {
    readText: (path) => {
      const text = files[path];
      if (text === undefined) throw new WrongUsage(`Cannot read ${path}.`);
      return text;
    },
    writeText: (path, text) => {
      written[path] = text;
    },
    print: (text) => {
      out += text;
    },
    tell: (line) => {
      told += line;
    },
    progress: () => {},
  });
  return { code, out, told, written };
}

test("default: writes a scenario set that can be registered", () => {
  const { code, written } = run("scenarios", "--prices", "prices.csv", "--out", "set.json");
  expect(code).toBe(0);
  expect(validateScenarioSet(JSON.parse(written["set.json"] ?? ""))).toBe(31);
  const { out } = run("scenarios", "--prices", "prices.csv", "--stablecoin", "USDC:1300");
  expect(JSON.parse(out)).toMatchObject({ underlyings: ["BTC", "ETH", "USDC"] });
});

test("default: tells all there is to say of an account", () => {
  const { code, out } = run("what-if", "--account", "account.json", "--prices", "prices.csv");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    margin: { standing: "healthy" },
    afterChanges: { standing: expect.any(String) },
    drivers: { bindingScenario: expect.any(Number) },
    isolated: { saving: expect.stringMatching(/^\d+/) },
    greeks: { underlyings: { BTC: { delta: expect.any(Number) } } },
    largest: [{ side: "buy" }, { side: "sell" }],
    risk: { valueAtRisk: [{ horizonHours: 1 }, { horizonHours: 8 }, { horizonHours: 24 }], breach: [{}, {}] },
  });
  expect(out).not.toMatch(/NaN|Infinity/);
});

test("default: and of a distressed one, what would restore it", () => {
  const { out } = run("what-if", "--account", "distressed.json");
  const { margin, restoring } = JSON.parse(out);
  expect(margin.standing).not.toBe("healthy");
  expect(restoring.margin.standing).toBe("healthy");
  expect(JSON.parse(run("what-if", "--account", "account.json").out)).not.toHaveProperty("restoring");
});

test.each([
  ["no command", [], "Usage"],
  ["an unknown command", ["guess"], "--help"],
  ["no file", ["backtest"], "--prices"],
  ["a file that is not there", ["backtest", "--prices", "nowhere.csv"], "nowhere.csv"],
  ["too short a file", ["backtest", "--prices", "prices.csv"], "hours of prices"],
  ["a stablecoin without its fall", ["scenarios", "--prices", "prices.csv", "--stablecoin", "USDC"], "USDC"],
  ["no account", ["what-if"], "--account"],
  ["an account that cannot be read", ["what-if", "--account", "broken.json"], "kind"],
  ["an unknown option", ["backtest", "--price", "x"], "--price"],
])("error: exit code 1 and what to do, for %s", (_, args, expected) => {
  const { code, out, told } = run(...args);
  expect(code).toBe(1);
  expect(out + told).toContain(expected);
});

test("behavior: --help is no error", () => {
  expect(run("--help")).toMatchObject({ code: 0, out: expect.stringContaining("backtest") });
});

test("default: a sound volatility surface is said to be one", () => {
  const { code, out } = run("surface", "--surface", "surface.json");
  expect([code, out]).toEqual([0, "sound: 2 expiries, neither butterflies nor calendar spreads for nothing\n"]);
});

test.each([
  ["calendar.json", "calendar arbitrage"],
  ["butterfly.json", "butterfly arbitrage"],
  ["account.json", "cannot be read"],
])("error: %s: %s", (file, why) => {
  const { code, told } = run("surface", "--surface", file);
  expect(code).toBe(1);
  expect(told).toContain(why);
});
