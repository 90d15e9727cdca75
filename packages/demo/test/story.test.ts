import { expect, test } from "vitest";
import { portOptions, startProgram } from "./program.ts";

// Deposit to withdrawal over real LayerZero contracts, three chains and three operator processes.
test("default: every step of the story holds", { timeout: 900_000 }, async () => {
  const { options } = await portOptions();
  const program = startProgram(["--exit", ...options]);
  const code = await program.ended;
  expect(program.output()).not.toContain("✗");
  expect(program.output()).toContain("every step was checked");
  expect(code).toBe(0);
});
