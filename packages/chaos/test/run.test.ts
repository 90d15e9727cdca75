import { join } from "node:path";
import { expect, test } from "vitest";
import { isRunning, processTable } from "../../demo/test/processes.ts";
import { descendants, startProgram } from "../../demo/test/program.ts";

// The command itself, on real chains and operators. Every time with another seed, which it prints.

const main = join(import.meta.dirname, "../src/main.ts");

test("default: under faults, and after them, nothing is broken", { timeout: 600_000 }, async () => {
  const program = startProgram(["--minutes", "0.3"], main);
  const code = await program.ended;
  const output = program.output();
  expect(output).toMatch(/violations +0/);
  expect(output).toMatch(/trade +[1-9]/);
  expect(output).toContain("✓ a withdrawal is paid");
  expect(output).toMatch(/exits paid without them +[1-9]/);
  expect(code, output).toBe(0);
});

test("behavior: Ctrl-C in the middle of faults leaves no process", async () => {
  const program = startProgram(["--minutes", "2"], main);
  await program.printed("faults for");
  const children = descendants(program.process.pid ?? 0, processTable());
  expect(children.length).toBeGreaterThanOrEqual(5);
  // As a terminal does it: to the whole group, twice.
  process.kill(-(program.process.pid ?? 0), "SIGINT");
  process.kill(-(program.process.pid ?? 0), "SIGINT");
  expect(await program.ended, program.output()).toBe(0);
  await expect.poll(() => children.filter(isRunning)).toEqual([]);
});

test("error: a flag that is none", async () => {
  expect(await startProgram(["--minutes", "none"], main).ended).toBe(1);
});
