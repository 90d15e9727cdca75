import { generateScenarioSet } from "../generate/scenario-generator.ts";
import type { FilteredHistory } from "../history/filtered-history.ts";
import type { PriceHistory } from "../history/returns.ts";
import { type FeedVolatility, observeAnswer } from "../multiplier/feed-volatility.ts";
import { type MultiplierPolicy, nextMultiplierBps } from "../multiplier/margin-multiplier.ts";
import { priceShocksOf, type ScenarioSet } from "../scenarios.ts";
import { calmFeed } from "../shocks/feed-stress.ts";
import { stressedShocks } from "../shocks/stressed-shocks.ts";

/** A portfolio of a gross notional of 1 USD, kept at these shares of it at all times. */
export interface BacktestPortfolio {
  readonly name: string;
  readonly shares: readonly number[];
}

/** Initial margin at the end of every hour, per USD of notional; NaN before the first hour. */
export interface MarginPath {
  /** By the registered set alone. */
  readonly fixed: Float64Array;
  /** By the set times the multiplier of each underlying. */
  readonly scaled: Float64Array;
}

/** A set is registered anew every thirty days. */
const renewalHours = 720;

const steps = { floorBps: 7_000n, capBps: 40_000n, mostUpBps: 10_000n, mostDownBps: 25n };
const memory = { fastHalfLifeSeconds: 86_400, slowHalfLifeSeconds: 2_592_000, sampleSeconds: 3_600 };

/**
 * Initial margin of the portfolios hour by hour, each from prices up to that hour alone.
 *
 * The set is generated every 720 hours at a reference volatility, the root mean square over the look-back; the
 * multiplier, in integers, is 1 at that volatility.
 */
export function marginPaths(
  history: PriceHistory,
  filtered: FilteredHistory,
  portfolios: readonly BacktestPortfolio[],
  first: number,
  lookbackHours: number,
): MarginPath[] {
  const hours = history.closes[0]?.length ?? 0;
  const paths = portfolios.map(() => ({
    fixed: new Float64Array(hours).fill(Number.NaN),
    scaled: new Float64Array(hours).fill(Number.NaN),
  }));
  let set: ScenarioSet = { underlyings: [], priceShocksBps: [], volatilityShocksBps: [] };
  let shocks: (readonly number[])[] = [];
  let policies: MultiplierPolicy[] = [];
  let multipliers = history.underlyings.map(() => 10_000n);
  let states = filtered.volatilities.map((series, u): FeedVolatility | undefined => {
    const variance = BigInt(Math.ceil((series[first] as number) * 1e8)) ** 2n;
    const start = { sampledPriceE8: priceE8(history, u, first), sampledAtSeconds: first * 3600, excursionE8: 0n };
    return { ...start, fastVarianceE16: variance, slowVarianceE16: variance };
  });
  for (let t = first; t < hours; t++) {
    if ((t - first) % renewalHours === 0) {
      const references = filtered.volatilities.map((series) =>
        rootMeanSquare(series, filtered.first, t, lookbackHours),
      );
      set = generateScenarioSet(atVolatility(filtered, t, references), t);
      shocks = priceShocks(set);
      policies = references.map((reference) => ({
        ...steps,
        ...memory,
        referenceVolatilityE8: BigInt(Math.ceil(reference * 1e8)),
        stressedVolatilityE8: BigInt(Math.ceil(reference * 0.7e8)),
      }));
    }
    states = states.map((state, u) =>
      observeAnswer(state, { priceE8: priceE8(history, u, t), updatedAtSeconds: t * 3600 }, at(policies, u)),
    );
    multipliers = multipliers.map((previous, u) => nextMultiplierBps(previous, at(states, u), at(policies, u)));
    const scaled = set.underlyings.map(
      (name, u) => stressedShocks(set, name, at(multipliers, u), calmFeed).priceShocksBps,
    );
    for (const [p, { shares }] of portfolios.entries()) {
      at(paths, p).fixed[t] = worstLoss(shares, shocks);
      at(paths, p).scaled[t] = worstLoss(shares, scaled);
    }
  }
  return paths;
}

function priceShocks(set: ScenarioSet): (readonly number[])[] {
  return set.underlyings.map((underlying) => priceShocksOf(set, underlying));
}

function worstLoss(shares: readonly number[], shocksBps: readonly (readonly number[])[]): number {
  let worst = 0;
  for (let row = 0; row < (shocksBps[0]?.length ?? 0); row++) {
    let loss = 0;
    for (const [u, share] of shares.entries()) loss -= (share * (shocksBps[u]?.[row] ?? 0)) / 10_000;
    worst = Math.max(worst, loss);
  }
  return worst;
}

function atVolatility(history: FilteredHistory, now: number, volatilities: readonly number[]): FilteredHistory {
  return { ...history, volatilities: history.volatilities.map((series, u) => series.with(now, at(volatilities, u))) };
}

function rootMeanSquare(series: Float64Array, first: number, now: number, lookbackHours: number): number {
  const used = series.subarray(Math.max(first, now - lookbackHours), now + 1);
  return Math.sqrt(used.reduce((sum, volatility) => sum + volatility * volatility, 0) / used.length);
}

function priceE8(history: PriceHistory, u: number, t: number): bigint {
  return BigInt(Math.round((history.closes[u]?.[t] as number) * 1e8));
}

function at<T>(items: readonly T[], index: number): T {
  return items[index] as T;
}
