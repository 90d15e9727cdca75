import { HistoryTooShort } from "../history/errors.ts";
import { filterHistory, simulateMoves } from "../history/filtered-history.ts";
import type { PriceHistory } from "../history/returns.ts";
import { defaultVolatilityPolicy } from "../history/volatility.ts";
import { type CoverageTests, coverageTests } from "../statistics/coverage-tests.ts";
import { meanBeyond, quantile, sortLosses } from "../statistics/tail.ts";
import { type BacktestPortfolio, type MarginPath, marginPaths } from "./margin-path.ts";
import { type Procyclicality, procyclicality, type WorstHour, worstHours } from "./procyclicality.ts";

/** One portfolio's value at risk over one horizon, forecast and then compared, over periods that do not overlap. */
export interface VarResult {
  readonly portfolio: string;
  readonly horizonHours: number;
  readonly tests: CoverageTests;
  /** Mean loss in exceptions over the mean loss beyond 99 % forecast for them: above 1, losses were worse than told. */
  readonly shortfallRatio: number;
  readonly forecasts: readonly { readonly hour: number; readonly valueAtRisk: number; readonly loss: number }[];
}

/** How often an initial margin, taken at the end of any hour, was less than the loss by the end of the horizon. */
export interface MarginResult {
  readonly portfolio: string;
  readonly horizonHours: number;
  readonly scaled: boolean;
  readonly hours: number;
  readonly exceeded: number;
  /** The largest loss over the margin for it. */
  readonly worstRatio: number;
  readonly meanMargin: number;
}

/** All that a walk through a price history found. Losses and margins are per USD of gross notional. */
export interface BacktestReport {
  readonly portfolios: readonly BacktestPortfolio[];
  readonly firstHour: number;
  readonly hours: number;
  readonly valueAtRisk: readonly VarResult[];
  readonly margin: readonly MarginResult[];
  readonly worstHours: readonly WorstHour[];
  readonly procyclicality: { readonly fixed: Procyclicality; readonly scaled: Procyclicality };
  /** Of the first portfolio. */
  readonly paths: MarginPath;
}

const horizonsHours = [1, 8, 24];
/** Three months of standardized returns before the first forecast; half a year looked back later on. */
const leastSimulations = 2160;
const lookbackHours = 4380;

/**
 * Walks forward through hourly prices. What is said at the end of hour t uses prices up to hour t alone.
 * @param onProgress Called now and then with the share done.
 * @throws {HistoryTooShort | InvalidHistory}
 */
export function runBacktest(history: PriceHistory, onProgress: (share: number) => void = () => {}): BacktestReport {
  const hours = history.closes[0]?.length ?? 0;
  const firstHour = defaultVolatilityPolicy.warmUpHours + leastSimulations;
  if (hours < firstHour + 240) throw new HistoryTooShort(firstHour + 240, hours);
  const filtered = filterHistory(history, defaultVolatilityPolicy);
  const portfolios = makePortfolios(history.underlyings);

  const forecasts = portfolios.map(() => horizonsHours.map(() => [] as VarForecast[]));
  for (let t = firstHour; t < hours - 1; t++) {
    for (const [h, horizonHours] of horizonsHours.entries()) {
      if ((t - firstHour) % horizonHours !== 0 || t + horizonHours >= hours) continue;
      const moves = simulateMoves(filtered, { now: t, horizonHours, lookbackHours, stepHours: 1 });
      for (const [p, { shares }] of portfolios.entries()) {
        const sorted = sortLosses(lossesOf(shares, moves));
        forecasts[p]?.[h]?.push({
          hour: t,
          valueAtRisk: quantile(sorted, 0.99),
          shortfall: meanBeyond(sorted, 0.99),
          loss: realizedLoss(history, shares, t, horizonHours),
        });
      }
    }
    if (t % 250 === 0) onProgress((t - firstHour) / (hours - firstHour));
  }
  const paths = marginPaths(history, filtered, portfolios, firstHour, lookbackHours);
  const margin = portfolios.flatMap((portfolio, p) =>
    horizonsHours.flatMap((horizonHours) =>
      [false, true].map((scaled) => {
        const path = paths[p]?.[scaled ? "scaled" : "fixed"] ?? new Float64Array();
        return compareMargin(history, portfolio, path, scaled, firstHour, horizonHours);
      }),
    ),
  );
  const [first] = paths;
  if (!first) throw new HistoryTooShort(1, 0);
  onProgress(1);
  return {
    portfolios,
    firstHour,
    hours,
    valueAtRisk: portfolios.flatMap(({ name }, p) =>
      horizonsHours.map((horizonHours, h) => sumUp(name, horizonHours, forecasts[p]?.[h] ?? [])),
    ),
    margin,
    worstHours: worstHours(history, first.scaled, firstHour),
    procyclicality: { fixed: procyclicality(first.fixed, firstHour), scaled: procyclicality(first.scaled, firstHour) },
    paths: first,
  };
}

interface VarForecast {
  readonly hour: number;
  readonly valueAtRisk: number;
  readonly shortfall: number;
  readonly loss: number;
}

/** All long and all short in equal parts, and where there are two, the first against the second. */
function makePortfolios(underlyings: readonly string[]): BacktestPortfolio[] {
  const share = 1 / underlyings.length;
  const spread = {
    name: `${underlyings[0]}-${underlyings[1]}`,
    shares: underlyings.map((_, u) => [0.5, -0.5][u] ?? 0),
  };
  return [
    { name: "long", shares: underlyings.map(() => share) },
    { name: "short", shares: underlyings.map(() => -share) },
    ...(underlyings.length > 1 ? [spread] : []),
  ];
}

function lossesOf(shares: readonly number[], moves: readonly Float64Array[]): Float64Array {
  const losses = new Float64Array(moves[0]?.length ?? 0);
  for (const [u, series] of moves.entries()) {
    const share = shares[u] ?? 0;
    for (let k = 0; k < losses.length; k++) losses[k] = (losses[k] as number) - share * (series[k] as number);
  }
  return losses;
}

function realizedLoss(history: PriceHistory, shares: readonly number[], t: number, horizonHours: number): number {
  return -history.closes.reduce(
    (gain, closes, u) => gain + (shares[u] ?? 0) * ((closes[t + horizonHours] as number) / (closes[t] as number) - 1),
    0,
  );
}

function sumUp(portfolio: string, horizonHours: number, forecasts: readonly VarForecast[]): VarResult {
  const exceptions = forecasts.filter(({ loss, valueAtRisk }) => loss > valueAtRisk);
  const losses = exceptions.reduce((sum, { loss }) => sum + loss, 0);
  const shortfalls = exceptions.reduce((sum, { shortfall }) => sum + shortfall, 0);
  return {
    portfolio,
    horizonHours,
    tests: coverageTests(
      forecasts.map(({ loss, valueAtRisk }) => loss > valueAtRisk),
      0.01,
    ),
    shortfallRatio: losses / shortfalls,
    forecasts,
  };
}

function compareMargin(
  history: PriceHistory,
  { name, shares }: BacktestPortfolio,
  path: Float64Array,
  scaled: boolean,
  firstHour: number,
  horizonHours: number,
): MarginResult {
  let exceeded = 0;
  let worstRatio = 0;
  let total = 0;
  let hours = 0;
  for (let t = firstHour; t + horizonHours < path.length; t++) {
    const margin = path[t] as number;
    const ratio = realizedLoss(history, shares, t, horizonHours) / margin;
    if (ratio > 1) exceeded++;
    worstRatio = Math.max(worstRatio, ratio);
    total += margin;
    hours++;
  }
  return { portfolio: name, horizonHours, scaled, hours, exceeded, worstRatio, meanMargin: total / hours };
}
