import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { progressLine } from "./progress.ts";

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("default: %s ends it with the report of what ran so far, and exit code %i", async (signal, exitCode) => {
  const flags = ["--seeds", "100000", "--first", "1", "--threads", "1"];
  const run = spawn(process.execPath, [new URL("main.ts", import.meta.url).pathname, ...flags], { stdio: "pipe" });
  const said = text(run.stdout);
  await once(run.stdout, "readable");
  // Ctrl-C reaches it twice under npm.
  for (let times = 0; times < 2; times++) run.kill(signal);
  const [code] = await once(run, "close");
  expect(await said).toMatch(
    new RegExp(`^ {2}violations +0\\nended early by ${signal}, after \\d+ of 100000 seeds$`, "m"),
  );
  expect(code).toBe(exitCode);
});

test("default: a line of progress tells how far, what broke, how fast and how long still", () => {
  const so = { seeds: 50, steps: 100_000, elapsedMs: 20_000, violations: [{ seed: 7, violation: "..." }] };
  const line = "50 of 200 seeds  1 violations  150 seeds a minute  5000 steps/s";
  expect(progressLine(so, { seeds: 200, mostMs: 600_000 })).toBe(`${line}  60 s left`);
  expect(progressLine(so, { seeds: 200, mostMs: 30_000 })).toBe(`${line}  10 s left`);
});
