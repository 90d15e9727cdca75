// The command line: the only file of this package that reads and writes files.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runBacktest } from "../backtest/backtest.ts";
import { RiskError } from "../errors.ts";
import { generateScenarioSet } from "../generate/scenario-generator.ts";
import { filterHistory } from "../history/filtered-history.ts";
import { defaultVolatilityPolicy } from "../history/volatility.ts";
import { type PriceFile, parsePriceFile } from "./price-file.ts";
import { reportSvg } from "./report-svg.ts";
import { reportText } from "./report-text.ts";

const help = `Usage: risk <command> --prices FILE [--out FILE]

  scenarios   writes a scenario set fitted to the prices, as JSON (to --out, or to the terminal)
  backtest    walks forward through the prices and tells how well value at risk and margin did;
              --out FILE also draws it, as SVG

FILE is CSV, one row an hour without gaps, for any number of underlyings:
  time_utc,btc_open,btc_high,btc_low,btc_close,eth_open,eth_high,eth_low,eth_close
  2024-01-01T00:00Z,42283.58,42554.57,42261.02,42475.23,2281.87,2297.18,2281.27,2295.51

The scenarios command needs ${defaultVolatilityPolicy.warmUpHours + 25} hours or more, the backtest about four months.
`;

class WrongUsage extends RiskError {
  constructor(problem: string, options?: ErrorOptions) {
    super("WRONG_USAGE", problem, "Run with --help to see what can be asked for.", options);
  }
}

function run(): void {
  const { values, positionals } = parseArguments();
  const [command] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(help);
    if (!values.help) process.exitCode = 1;
    return;
  }
  if (command !== "scenarios" && command !== "backtest") throw new WrongUsage(`There is no command "${command}".`);
  if (values.prices === undefined) throw new WrongUsage("No price file was given (--prices FILE).");
  const prices = parsePriceFile(readText(values.prices));
  if (command === "scenarios") writeScenarios(prices, values.out);
  else backtest(prices, values.out);
}

function parseArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { prices: { type: "string" }, out: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (cause) {
    throw new WrongUsage(cause instanceof Error ? cause.message : "The arguments cannot be read.", { cause });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new WrongUsage(`Cannot read ${path}.`, { cause });
  }
}

function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new WrongUsage(`Cannot write ${path}.`, { cause });
  }
  console.error(`Wrote ${path}.`);
}

function writeScenarios(prices: PriceFile, out: string | undefined): void {
  const history = filterHistory(prices, defaultVolatilityPolicy);
  const json = `${JSON.stringify(generateScenarioSet(history, prices.times.length - 1))}\n`;
  if (out === undefined) process.stdout.write(json);
  else writeText(out, json);
}

function backtest(prices: PriceFile, out: string | undefined): void {
  const report = runBacktest(prices, (share) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor(100 * share)} % ${share === 1 ? "\n" : ""}`);
  });
  console.log(reportText(report, prices.times));
  if (out !== undefined) writeText(out, reportSvg(report, prices.times));
}

try {
  run();
} catch (error) {
  if (!(error instanceof RiskError)) throw error;
  console.error(`${error.message}\n${error.hint}`);
  process.exitCode = 1;
}
