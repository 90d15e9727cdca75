import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("default: a process that reads real files, exits with 1 and says what to do", () => {
  const main = join(import.meta.dirname, "main.ts");
  const { status, stderr } = spawnSync(process.execPath, [main, "backtest", "--prices", import.meta.filename], {
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("time_utc");
  expect(stderr).not.toContain("    at ");
});
