// Prints forge's coverage of every file in src, and fails below the least that is asked for. forge builds without the
// optimizer for this and leaves nothing behind; the profile in foundry.toml says the rest. The tests that measure gas
// are left out, for without the optimizer they say nothing, and so are the longest, whose number of runs is
// their own. A test that fails fails this too.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const leastPercent = 95;
const root = join(import.meta.dirname, "../../..");
const folder = join(root, "packages/contracts/cache/coverage");
const report = join(folder, "lcov.info");

mkdirSync(folder, { recursive: true });
execFileSync(
  "node",
  [
    ["packages/contracts/forge.mjs", "coverage"],
    ["--report", "summary", "--report", "lcov", "--report-file", report],
    [
      "--no-match-coverage",
      "(test|node_modules)/",
      "--no-match-contract",
      "TransactionGas|MarketInvariants|LiquidationInvariants",
    ],
  ].flat(),
  { cwd: root, stdio: "inherit", env: { ...process.env, FOUNDRY_PROFILE: "coverage" } },
);

/** Sum of a count that lcov gives for every file. */
function total(key: string): number {
  const lines = readFileSync(report, "utf8").split("\n");
  return lines.reduce((sum, line) => (line.startsWith(`${key}:`) ? sum + Number(line.slice(key.length + 1)) : sum), 0);
}

for (const [what, hit, found] of [
  ["lines", "LH", "LF"],
  ["branches", "BRH", "BRF"],
] as const) {
  const percent = (100 * total(hit)) / total(found);
  console.log(`${what}: ${percent.toFixed(2)}%, at least ${leastPercent}% asked for`);
  if (!(percent >= leastPercent)) process.exitCode = 1;
}
