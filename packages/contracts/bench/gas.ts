// Prints the gas of whole transactions against their budgets, one JSON object a line. Runs on a built workspace.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** What a transaction may cost at most, by its name in the snapshot. */
const budgetsGas = new Map([
  ["post 2-of-3", 60_000],
  ["post 3-of-5", 62_000],
  ["trade, both hold a position", 260_000],
  ["trade, both open a position", 260_000],
  ["trade with fees, both hold a position", 260_000],
  ["check, 1 option position", 110_000],
  ["check, 8 option positions", 220_000],
  ["check, 16 option positions", 300_000],
  ["liquidate, 2 positions", 390_000],
  ["take over, 2 positions", 310_000],
  ["deleverage, 2 positions against 2 accounts", 600_000],
]);

execFileSync("node", ["packages/contracts/forge.mjs", "test", "--match-contract", "TransactionGas"], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
});

const snapshot: Record<string, string> = JSON.parse(
  readFileSync(join(root, "packages/contracts/snapshots/TransactionGas.json"), "utf8"),
);
for (const [name, budgetGas] of budgetsGas) {
  const value = Number(snapshot[name]);
  const ratio = Number((value / budgetGas).toFixed(3));
  console.log(JSON.stringify({ bench: `gas ${name}`, value, unit: "gas", baseline: budgetGas, ratio }));
}
