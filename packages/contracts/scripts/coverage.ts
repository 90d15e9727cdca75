// Prints forge's coverage of src, without src/devnet, and fails below the least that is asked for. Built without the
// optimizer, hence in folders of its own, and without the tests that measure gas, and the longest,
// whose number of runs is its own.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const leastPercent = 95;
const root = join(import.meta.dirname, "../../..");
const folder = "packages/contracts/cache/coverage";
const report = join(root, folder, "lcov.info");

mkdirSync(join(root, folder), { recursive: true });
execFileSync(
  "forge",
  [
    ["coverage", "--report", "summary", "--report", "lcov", "--report-file", report],
    [
      "--no-match-coverage",
      "(test|devnet|node_modules)/",
      "--no-match-contract",
      "TransactionGas|MarketInvariants",
      "--fuzz-runs",
      "64",
    ],
  ].flat(),
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      FOUNDRY_OUT: `${folder}/out`,
      FOUNDRY_CACHE_PATH: `${folder}/cache`,
      FOUNDRY_INVARIANT_RUNS: "4",
    },
  },
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
