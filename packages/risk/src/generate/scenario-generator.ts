import { HistoryTooShort } from "../history/errors.ts";
import { type FilteredHistory, type SimulatedMoves, simulateMoves } from "../history/filtered-history.ts";
import { mostScenarios, type ScenarioSet, validateScenarioSet } from "../scenarios.ts";
import { quantile, sortLosses } from "../statistics/tail.ts";
import { distanceApart, type Range } from "./distance-apart.ts";

/** How wide a generated set is. */
export interface GeneratorPolicy {
  /** Positions are assumed to be closed within so many hours. */
  readonly horizonHours: number;
  readonly lookbackHours: number;
  /** The widest row of the grid is not exceeded with this chance, in either direction. */
  readonly gridConfidence: number;
  readonly tailConfidence: number;
  /** Assets that are worth a dollar until they are not. None in the price history; each gets a column. */
  readonly stablecoins: readonly Stablecoin[];
}

/** How far a stablecoin falls in the row in which all of them do. */
export interface Stablecoin {
  readonly underlying: string;
  /** Above 0 and below 10000. USDC fell by 1300 on 11 March 2023. */
  readonly depegBps: number;
}

/** A day, looking back half a year; the grid to 99 %, tails to 99.7 %; no stablecoin. */
export const defaultGeneratorPolicy: GeneratorPolicy = {
  horizonHours: 24,
  lookbackHours: 4380,
  gridConfidence: 0.99,
  tailConfidence: 0.997,
  stablecoins: [],
};

const gridSteps = [0, -1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1];

/**
 * A scenario set fitted to history before `now`: 9 joint price moves by 3 volatility moves, two tails, rows that move
 * underlyings apart, and a row in which stablecoins lose their peg.
 *
 * Price ranges are quantiles of the filtered historical simulation, at `now`'s volatility; moves are rounded away from
 * zero to whole basis points. Volatility moves, relative, are quantiles of how the realized estimate changed over the
 * horizon: a stand-in for implied volatility, which a price file does not hold.
 *
 * @throws {HistoryTooShort | InvalidScenarioSet}
 * @example generateScenarioSet(filterHistory(prices, defaultVolatilityPolicy), prices.times.length - 1)
 */
export function generateScenarioSet(
  history: FilteredHistory,
  now: number,
  policy: GeneratorPolicy = defaultGeneratorPolicy,
): ScenarioSet {
  const { horizonHours, lookbackHours, stablecoins } = policy;
  const moves = simulateMoves(history, { now, horizonHours, lookbackHours, stepHours: 1 });
  const grid = moves.map((series) => rangeOf(series, policy.gridConfidence));
  const tails = moves.map((series) => rangeOf(series, policy.tailConfidence));
  const volatilities = history.volatilities.map((series) => volatilityRange(series, history.first, now, policy));
  const unmoved = history.underlyings.map(() => 0);
  const ups = volatilities.map(({ up }) => bps(up));
  const downs = volatilities.map(({ down }) => bps(-down));
  const pegged = stablecoins.map(() => 0);

  const prices: number[][] = [];
  const volatilityMoves: number[][] = [];
  const add = (price: number[], volatility: number[], pegs = pegged) => {
    prices.push([...price, ...pegs]);
    volatilityMoves.push([...volatility, ...pegged]);
  };
  for (const step of gridSteps) {
    const price = grid.map((range) => moveBps(range, step));
    for (const volatility of [unmoved, ups, downs]) add(price, volatility);
  }
  for (const step of [-1, 1]) {
    add(
      tails.map((range) => moveBps(range, step)),
      ups,
    );
  }
  const room = mostScenarios - prices.length - (stablecoins.length > 0 ? 1 : 0);
  for (const row of apartRows(moves, tails, policy.tailConfidence, room)) add(row, ups);
  if (stablecoins.length > 0) {
    add(
      unmoved,
      ups,
      stablecoins.map(({ depegBps }) => -depegBps),
    );
  }

  const set: ScenarioSet = {
    underlyings: [...history.underlyings, ...stablecoins.map(({ underlying }) => underlying)],
    priceShocksBps: prices.flat(),
    volatilityShocksBps: volatilityMoves.flat(),
  };
  validateScenarioSet(set);
  return set;
}

function rangeOf(moves: Float64Array, confidence: number): Range {
  const sorted = sortLosses(moves);
  return { down: Math.max(0, -quantile(sorted, 1 - confidence)), up: Math.max(0, quantile(sorted, confidence)) };
}

/** How far the volatility estimate rose and fell over the horizon, as a share; at most tripled, at least halved. */
function volatilityRange(series: Float64Array, first: number, now: number, policy: GeneratorPolicy): Range {
  const changes: number[] = [];
  for (let t = Math.max(first, now - policy.lookbackHours) + policy.horizonHours; t <= now; t++) {
    changes.push((series[t] as number) / (series[t - policy.horizonHours] as number) - 1);
  }
  if (changes.length === 0) throw new HistoryTooShort(first + policy.horizonHours, now);
  const { up, down } = rangeOf(Float64Array.from(changes), policy.gridConfidence);
  return { up: Math.min(2, up), down: Math.min(0.5, down) };
}

/** A share of the range, up or down. */
function moveBps({ down, up }: Range, step: number): number {
  return bps(step < 0 ? step * down : step * up);
}

/** Whole basis points, away from zero, above -100 %. */
function bps(move: number): number {
  if (move === 0) return 0;
  return Math.max(-9_999, Math.sign(move) * Math.ceil(Math.abs(move) * 10_000 - 1e-9));
}

/**
 * Rows in which underlyings move apart, so that a spread is not free: two for each pair, or, where those do not fit, two
 * for each binary digit of the underlyings' numbers, so that any two differ in at least one of them.
 */
function apartRows(moves: SimulatedMoves, ranges: readonly Range[], confidence: number, room: number): number[][] {
  const count = moves.length;
  const pairs = Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    Array.from({ length: count - i - 1 }, (_, offset): [number, number] => [i, i + offset + 1]),
  );
  const apart = (i: number, j: number) => distanceApart(moves, ranges, i, j, confidence) / 2;
  if (2 * pairs.length <= room) {
    return pairs.flatMap(([i, j]) =>
      [1, -1].map((sign) =>
        ranges.map((range, u) =>
          u === i ? moveBps(range, sign * apart(i, j)) : u === j ? moveBps(range, -sign * apart(i, j)) : 0,
        ),
      ),
    );
  }
  const widest = Math.max(...pairs.map(([i, j]) => apart(i, j)));
  const digits = Math.ceil(Math.log2(count));
  return Array.from({ length: digits }, (_, digit) => digit).flatMap((digit) =>
    [1, -1].map((sign) => ranges.map((range, u) => moveBps(range, ((u >> digit) & 1 ? -sign : sign) * widest))),
  );
}
