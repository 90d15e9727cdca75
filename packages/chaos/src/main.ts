import { mkdirSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { renderReport } from "./report.ts";
import { runChaos } from "./run.ts";

// npm run chaos: real processes, and everything that can happen to them.

interface Flags {
  readonly minutes: number;
  readonly seed: number;
  readonly logs?: string;
}

const positive = (text: string): number => {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError("Give a number above 0.");
  return number;
};
const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("Give a whole number.");
  return number;
};

const flags = new Command("npm run chaos --")
  .description(
    "Starts three chains and three operators as processes, kills, stops and lies to them while people trade, and checks " +
      "on the chains that nothing was broken that must not be. Exit code 1 if something was.",
  )
  .option("--minutes <count>", "how long faults go on", positive, 2)
  .option("--seed <seed>", "draws the same faults again", whole, Math.floor(Math.random() * 1_000_000_000))
  .option("--logs <folder>", "keep the operators' configurations, databases and logs there: a new folder")
  .addHelpText("after", "\nExamples:\n  npm run chaos -- --minutes 10\n  npm run chaos -- --seed 42 --logs /tmp/chaos")
  .parse()
  .opts<Flags>();

const { minutes, seed, logs: directory } = flags;
const again = `npm run chaos -- --minutes ${minutes} --seed ${seed}`;
const interrupt = new AbortController();
// Terminals and npm may each send one: the second means the same.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupt.abort());
try {
  console.log(`Plimsoll under chaos: ${again}\n`);
  if (directory !== undefined) mkdirSync(directory, { recursive: true });
  const say = (line: string) => console.log(line);
  const report = await runChaos({ seed, faultsMs: minutes * 60_000, directory, say }, interrupt.signal);
  if (report === null) console.log("\nInterrupted.");
  else {
    console.log(`\n${renderReport(report).join("\n")}\n\nagain: ${again}`);
    if (report.violations.length > 0) process.exitCode = 1;
  }
} catch (error) {
  const hint = error instanceof Error && "hint" in error ? ` ${error.hint}` : "";
  console.error(`\n${error instanceof Error ? error.message : String(error)}${hint}\nagain: ${again}`);
  process.exitCode = 1;
}
// A transaction that was given up may still be waited for.
process.exit();
