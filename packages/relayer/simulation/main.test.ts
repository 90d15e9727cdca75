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

test("default: a failing seed ends with a readable trace, the command that replays it, and exit code 1", async () => {
  const run = async (...flags: string[]) => {
    const child = spawn(process.execPath, [new URL("main.ts", import.meta.url).pathname, ...flags], { stdio: "pipe" });
    const said = text(child.stdout);
    const [code] = await once(child, "close");
    return { code, said: await said };
  };
  const broken = ["--variant", "skips the journal"];
  const campaign = await run("--seeds", "4", "--first", "1", "--threads", "1", "--trace-lines", "20", ...broken);
  expect(campaign.code).toBe(1);
  for (const row of ["seeds", "steps", "steps a second", "message-lost", "violations"]) {
    expect(campaign.said).toMatch(new RegExp(`^ {2}${row} +[1-9]\\d*$`, "m"));
  }
  const [, seed = "", violation = ""] = /^ {2}seed (\d+): (.*without its journal record)$/m.exec(campaign.said) ?? [];
  expect(campaign.said).toMatch(new RegExp(`\\d+\\.\\d{3} VIOLATION ${violation}$`, "m"));
  expect(campaign.said.split("\n").filter((line) => /^\d+\.\d{3} /.test(line))).toHaveLength(20);
  const command = `npm run simulate -- --seed ${seed} --variant "skips the journal"`;
  expect(campaign.said).toContain(`again: ${command}`);
  // What it says there is what came of it here.
  const again = await run("--seed", seed, ...broken);
  expect(again.code).toBe(1);
  expect(again.said).toContain(violation);
});

test("default: a line of progress tells how far, what broke, how fast and how long still", () => {
  const so = { seeds: 50, steps: 100_000, elapsedMs: 20_000, violations: [{ seed: 7, violation: "..." }] };
  const line = "50 of 200 seeds  1 violations  150 seeds a minute  5000 steps/s";
  expect(progressLine(so, { seeds: 200, mostMs: 600_000 })).toBe(`${line}  60 s left`);
  expect(progressLine(so, { seeds: 200, mostMs: 30_000 })).toBe(`${line}  10 s left`);
});
