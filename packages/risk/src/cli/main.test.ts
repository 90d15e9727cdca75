import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { validateScenarioSet } from "../scenarios.ts";

const folder = mkdtempSync(join(tmpdir(), "risk-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  return spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { encoding: "utf8" });
}

test("default: writes a scenario set that can be registered", () => {
  const rows = Array.from({ length: 700 }, (_, t) => {
    const time = new Date(Date.UTC(2024, 0, 1, t)).toISOString();
    const [btc, eth] = [100 + Math.sin(t) * 2, 10 + Math.cos(t / 3)];
    return [time, btc, btc, btc, btc, eth, eth, eth, eth].join(",");
  });
  const columns = ["btc", "eth"].flatMap((name) => ["open", "high", "low", "close"].map((field) => `${name}_${field}`));
  const prices = join(folder, "prices.csv");
  const out = join(folder, "scenarios.json");
  writeFileSync(prices, [["time_utc", ...columns].join(","), ...rows].join("\n"));
  expect(run("scenarios", "--prices", prices, "--out", out).status).toBe(0);
  expect(validateScenarioSet(JSON.parse(readFileSync(out, "utf8")))).toBe(31);
  expect(run("backtest", "--prices", prices)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("hours of prices"),
  });
});

test.each([
  ["no command", [], "Usage"],
  ["an unknown command", ["guess"], "--help"],
  ["no file", ["backtest"], "--prices"],
  ["a file that is not there", ["backtest", "--prices", "nowhere.csv"], "nowhere.csv"],
  ["an unknown option", ["backtest", "--price", "x"], "--price"],
])("error: exit code 1 and what to do, for %s", (_, args, told) => {
  const { status, stdout, stderr } = run(...args);
  expect(status).toBe(1);
  expect(stdout + stderr).toContain(told);
  expect(stderr).not.toContain("    at ");
});

test("behavior: --help is no error", () => {
  expect(run("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("backtest") });
});
