import { parseArgs } from "node:util";
import { parseSituation, parseSurface } from "../account/situation-json.ts";
import { runBacktest } from "../backtest/backtest.ts";
import { RiskError } from "../errors.ts";
import { defaultGeneratorPolicy, generateScenarioSet, type Stablecoin } from "../generate/scenario-generator.ts";
import { filterHistory } from "../history/filtered-history.ts";
import { defaultVolatilityPolicy } from "../history/volatility.ts";
import { whatIfReport } from "../what-if/report.ts";
import { parsePriceFile } from "./price-file.ts";
import { reportSvg } from "./report-svg.ts";
import { reportText } from "./report-text.ts";
import { WrongUsage } from "./wrong-usage.ts";

/** What the commands touch of the world. */
export interface CliWorld {
  /** @throws {WrongUsage} where there is no such file. */
  readonly readText: (path: string) => string;
  readonly writeText: (path: string, text: string) => void;
  /** To standard output, as it is. */
  readonly print: (text: string) => void;
  /** To standard error: a line. */
  readonly tell: (line: string) => void;
  /** The share done of something long. */
  readonly progress: (share: number) => void;
}

const help = `Usage: risk <command> [--prices FILE] [--account FILE] [--surface FILE] [--out FILE]

  scenarios   writes a scenario set fitted to the prices, as JSON (to --out, or to the terminal);
              --stablecoin USDC:1300 adds one that falls by 1300 basis points in the row in which all of them do
  backtest    walks forward through the prices and tells how well value at risk and margin did;
              --out FILE also draws it, as SVG
  what-if     tells all there is to say of the account in --account FILE, as JSON: margin before and after the changes
              that the file supposes, what drives it, Greeks, where it would be liquidated, the largest trades that still fit,
              and for a distressed account the cheapest trade that restores it; with --prices also value at risk and the chance of
              falling under maintenance margin. packages/risk/examples/account.json is such a file.
  surface     says whether the volatility surface in --surface FILE may be registered, or which expiry could be traded
              against for nothing, and how

Prices are CSV, one row an hour without gaps, for any number of underlyings:
  time_utc,btc_open,btc_high,btc_low,btc_close,eth_open,eth_high,eth_low,eth_close
  2024-01-01T00:00Z,42283.58,42554.57,42261.02,42475.23,2281.87,2297.18,2281.27,2295.51

The scenarios command needs ${defaultVolatilityPolicy.warmUpHours + 25} hours or more, the backtest about four months.
`;

const options = {
  prices: { type: "string" },
  account: { type: "string" },
  surface: { type: "string" },
  out: { type: "string" },
  stablecoin: { type: "string", multiple: true },
  help: { type: "boolean", short: "h" },
} as const;

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (cause) {
    throw new WrongUsage(cause instanceof Error ? cause.message : "The arguments cannot be read.", { cause });
  }
}

type Values = ReturnType<typeof parseArguments>["values"];

const commands: Readonly<Record<string, (values: Values, world: CliWorld) => void>> = {
  scenarios: writeScenarios,
  backtest,
  "what-if": answerWhatIf,
  surface: judgeSurface,
};

/**
 * Runs one command.
 * @returns The exit code: 0, or 1 after telling what is wrong and what to do.
 * @example runCli(["scenarios", "--prices", "prices.csv"], world)
 */
export function runCli(args: readonly string[], world: CliWorld): number {
  try {
    const { values, positionals } = parseArguments(args);
    const [name] = positionals;
    if (values.help || name === undefined) {
      world.print(help);
      return values.help ? 0 : 1;
    }
    const command = commands[name];
    if (command === undefined) throw new WrongUsage(`There is no command "${name}".`);
    command(values, world);
    return 0;
  } catch (error) {
    if (!(error instanceof RiskError)) throw error;
    world.tell(`${error.message}\n${error.hint}`);
    return 1;
  }
}

function readPrices({ prices }: Values, world: CliWorld) {
  if (prices === undefined) throw new WrongUsage("No price file was given (--prices FILE).");
  return parsePriceFile(world.readText(prices));
}

function parseStablecoin(text: string): Stablecoin {
  const [, underlying, depeg] = /^([^:]+):(\d{1,4})$/.exec(text) ?? [];
  if (underlying === undefined || Number(depeg) === 0) {
    throw new WrongUsage(`"${text}" is no stablecoin with its fall in basis points, such as USDC:1300.`);
  }
  return { underlying, depegBps: Number(depeg) };
}

function writeScenarios(values: Values, world: CliWorld): void {
  const stablecoins = (values.stablecoin ?? []).map(parseStablecoin);
  const prices = readPrices(values, world);
  const history = filterHistory(prices, defaultVolatilityPolicy);
  const set = generateScenarioSet(history, prices.times.length - 1, { ...defaultGeneratorPolicy, stablecoins });
  const json = `${JSON.stringify(set)}\n`;
  printOrWrite(json, values, world);
}

function printOrWrite(text: string, { out }: Values, world: CliWorld): void {
  if (out === undefined) world.print(text);
  else world.writeText(out, text);
}

function answerWhatIf(values: Values, world: CliWorld): void {
  if (values.account === undefined) throw new WrongUsage("No account was given (--account FILE).");
  const situation = parseSituation(world.readText(values.account));
  const prices = values.prices === undefined ? undefined : readPrices(values, world);
  const past = prices && {
    history: filterHistory(prices, defaultVolatilityPolicy),
    now: prices.times.length - 1,
  };
  printOrWrite(
    `${JSON.stringify(whatIfReport(situation, { past, liquidation: situation.market.scenarios.underlyings }), null, 2)}\n`,
    values,
    world,
  );
}

function judgeSurface(values: Values, world: CliWorld): void {
  if (values.surface === undefined) throw new WrongUsage("No volatility surface was given (--surface FILE).");
  const { slices } = parseSurface(world.readText(values.surface));
  const count = slices.length === 1 ? "one expiry" : `${slices.length} expiries`;
  world.print(`sound: ${count}, neither butterflies nor calendar spreads for nothing\n`);
}

function backtest(values: Values, world: CliWorld): void {
  const prices = readPrices(values, world);
  const report = runBacktest(prices, world.progress);
  world.print(`${reportText(report, prices.times)}\n`);
  if (values.out !== undefined) world.writeText(values.out, reportSvg(report, prices.times));
}
