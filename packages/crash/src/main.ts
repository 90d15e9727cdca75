import { mkdirSync, writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { drawReport } from "./picture.ts";
import { renderReport } from "./report.ts";
import { runCrash } from "./run.ts";

// npm run crash: what the day that liquidated the most does to accounts here.

interface Flags {
  readonly accounts: number;
  readonly seed: number;
  readonly severity: number;
  readonly hold: number;
  readonly backstop: number;
  readonly out: string;
  readonly logs?: string;
}

const numberIn = (least: number, most: number, whole: boolean) => (text: string) => {
  const number = Number(text);
  const fits = text.trim() !== "" && number >= least && number <= most && (!whole || Number.isSafeInteger(number));
  if (!fits) throw new InvalidArgumentError(`Give a ${whole ? "whole " : ""}number from ${least} to ${most}.`);
  return number;
};

const flags = new Command("npm run crash --")
  .description(
    "Starts three chains, three operators and a liquidator, opens positions at different leverage, long, short and netted " +
      "across chains, and replays the crash of 10 October 2025. Tells who was liquidated at what loss, what the backstop " +
      "took and what was left after it, beside the same positions with isolated margin. Exit code 1 if an invariant broke.",
  )
  .option("--accounts <count>", "how many accounts there are", numberIn(1, 200, true), 24)
  .option("--seed <seed>", "draws the same accounts again", numberIn(0, 2 ** 31, true), 1)
  .option("--severity <times>", "how many times as deep as recorded the fall is", numberIn(0.1, 3, false), 1)
  .option(
    "--hold <seconds>",
    "how long a price holds at most while something is to be sold",
    numberIn(1, 600, true),
    60,
  )
  .option(
    "--backstop <dollars>",
    "collateral of the account that takes over insolvent ones",
    numberIn(1, 1e9, true),
    1e6,
  )
  .option("--out <file>", "where the picture goes", "crash.svg")
  .option("--logs <folder>", "keep the processes' configurations, databases and logs there: a new folder")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run crash -- --accounts 12\n  npm run crash -- --severity 2 --out /tmp/twice.svg --logs /tmp/crash\n" +
      "  npm run crash -- --accounts 6 --severity 2.6 --backstop 2000",
  )
  .parse()
  .opts<Flags>();

const { accounts, seed, severity, hold, backstop: backstopDollars, out, logs: directory } = flags;
const again = `npm run crash -- --accounts ${accounts} --seed ${seed} --severity ${severity} --hold ${hold} --backstop ${backstopDollars}`;
const interrupt = new AbortController();
// Terminals and npm may each send one: the second means the same.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupt.abort());
try {
  console.log(`The crash of 10 October 2025: ${again}\n`);
  if (directory !== undefined) mkdirSync(directory, { recursive: true });
  const say = (line: string) => console.log(line);
  const parameters = { accounts, seed, severity, holdMs: hold * 1_000, backstopDollars, directory, say };
  const report = await runCrash(parameters, interrupt.signal);
  if (report === null) console.log("\nInterrupted.");
  else {
    writeFileSync(out, drawReport(report));
    console.log(`\n${renderReport(report).join("\n")}\n\nWrote ${out}. Again: ${again}`);
    if (report.violations.length > 0) process.exitCode = 1;
  }
} catch (error) {
  const hint = error instanceof Error && "hint" in error ? ` ${error.hint}` : "";
  console.error(`\n${error instanceof Error ? error.message : String(error)}${hint}\nagain: ${again}`);
  process.exitCode = 1;
}
// A transaction that was given up may still be waited for.
process.exit();
