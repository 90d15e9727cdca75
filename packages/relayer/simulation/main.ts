import { availableParallelism } from "node:os";
import { styleText } from "node:util";
import { Command, InvalidArgumentError } from "commander";
import { runSeedsInThreads } from "./campaign.ts";
import { endedEarly } from "./ending.ts";
import { createProgress } from "./progress.ts";
import { report } from "./report.ts";
import { simulate } from "./simulate.ts";
import { variants } from "./variants.ts";

// npm run simulate: thousands of worlds, or one of them again.

interface Flags {
  readonly seeds: number;
  readonly first: number;
  readonly seed?: number;
  readonly variant?: string;
  readonly traceLines: number;
  readonly threads: number;
  readonly minutes: number;
}

const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("Give a whole number.");
  return number;
};

const program = new Command("simulate")
  .description("Runs operators, chains, traders and every fault in one process, and checks what must never happen.")
  .option("--seeds <count>", "worlds to run", whole, 200)
  .option("--first <seed>", "the first of them", whole, Math.floor(Math.random() * 1_000_000_000))
  .option("--seed <seed>", "run one world again, with a trace of all that happens", whole)
  .option("--trace-lines <count>", "lines of the trace to print, from its end", whole, 200)
  .option("--threads <count>", "worlds at the same time", whole, availableParallelism())
  .option("--minutes <count>", "begin no new world after so long", whole, 1_000_000)
  .option("--variant <name>", `break the system on purpose: ${variants.map(({ name }) => name).join("; ")}`)
  .addHelpText(
    "after",
    "\nExamples:\n  npm run simulate -- --seeds 10000\n  npm run simulate -- --seed 42 --trace-lines 500",
  );

const flags = program.parse().opts<Flags>();
const composition = variants.find(({ name }) => name === flags.variant);
if (flags.variant !== undefined && composition === undefined) program.error(`No variant is called ${flags.variant}.`);
const broken = composition === undefined ? {} : { composition };

if (flags.seed === undefined) {
  const { seeds, first, threads } = flags;
  const mostMs = flags.minutes * 60_000;
  const ending = endedEarly();
  console.log(`${seeds} seeds from ${first}`);
  const progress = createProgress(process.stderr, { seeds, mostMs });
  const { signal } = ending;
  const campaign = await runSeedsInThreads(
    { seeds, first, threads, variant: flags.variant ?? null, mostMs, signal },
    progress.show,
  );
  progress.end();
  ending.forget();
  report(campaign);
  const by = ending.by();
  if (by !== null) console.log(`ended early by ${by.signal}, after ${campaign.seeds} of ${seeds} seeds`);
  process.exitCode = by?.exitCode ?? 0;
  if (campaign.violations.length > 0) {
    await replay(campaign.violations[0]?.seed ?? first);
    process.exitCode = 1;
  }
} else if ((await replay(flags.seed)) !== null) process.exitCode = 1;

async function replay(seed: number): Promise<string | null> {
  const lines: string[] = [];
  const { violation, steps } = await simulate({ seed, trace: (line) => lines.push(line), ...broken });
  const shown = lines.slice(-flags.traceLines);
  if (shown.length < lines.length) console.log(`… ${lines.length - shown.length} lines before`);
  for (const line of shown) console.log(line);
  const variant = flags.variant === undefined ? "" : ` --variant "${flags.variant}"`;
  const verdict = violation === null ? "nothing was broken" : styleText("red", violation);
  console.log(`\nseed ${seed}, ${steps} steps: ${verdict}\nagain: npm run simulate -- --seed ${seed}${variant}`);
  return violation;
}
