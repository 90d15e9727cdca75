import { availableParallelism } from "node:os";
import { styleText } from "node:util";
import { Command, InvalidArgumentError } from "commander";
import { type Campaign, runSeedsInThreads } from "./campaign.ts";
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
  const { seeds, first } = flags;
  console.log(`${seeds} seeds from ${first}`);
  const campaign = await runSeedsInThreads(
    { seeds, first, threads: flags.threads, variant: flags.variant ?? null, mostMs: flags.minutes * 60_000 },
    process.stderr.isTTY ? showProgress : () => {},
  );
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  report(campaign);
  if (campaign.violations.length > 0) {
    await replay(campaign.violations[0]?.seed ?? first);
    process.exitCode = 1;
  }
} else if ((await replay(flags.seed)) !== null) process.exitCode = 1;

function showProgress({ seeds, steps, elapsedMs, violations }: Campaign, wanted: number): void {
  const share = Math.floor((100 * seeds) / wanted);
  const leftS = Math.ceil(((elapsedMs / seeds) * (wanted - seeds)) / 1000);
  const rate = Math.round((1000 * steps) / elapsedMs);
  process.stderr.write(
    `\r\x1b[K${share} %  ${seeds} seeds  ${rate} steps/s  ${violations.length} violations  ${leftS} s left`,
  );
}

function report(campaign: Campaign): void {
  const { seeds, steps, elapsedMs, attested, posted, trades, claims, exits } = campaign;
  const { liquidations, takeovers, deleveragings, slowestRecovery, faults, violations } = campaign;
  const row = (name: string, value: number | string) => console.log(`  ${name.padEnd(24)} ${value}`);
  row("seeds", seeds);
  row("steps", steps);
  row("steps a second", Math.round((1000 * steps) / elapsedMs));
  row("seeds a minute", Math.round((60_000 * seeds) / elapsedMs));
  row("epochs attested", attested);
  row("posted", posted);
  row("trades", trades);
  row("books bought", liquidations);
  row("books taken over", takeovers);
  row("books deleveraged", deleveragings);
  row("withdrawals paid", claims);
  row("exits", exits);
  row("slowest recovery", `${slowestRecovery} epochs`);
  console.log("faults");
  for (const [kind, count] of [...faults].sort(([a], [b]) => (a < b ? -1 : 1))) row(kind, count);
  row("violations", violations.length);
  for (const { seed, violation } of violations.slice(0, 10)) console.log(`  seed ${seed}: ${violation}`);
}

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
