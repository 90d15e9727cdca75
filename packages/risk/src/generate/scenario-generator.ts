import { HistoryTooShort } from "../history/errors.ts";
import { type FilteredHistory, type SimulatedMoves, simulateMoves } from "../history/filtered-history.ts";
import { mostScenarios, type ScenarioSet, validateScenarioSet } from "../scenarios.ts";
import { quantile, sortLosses } from "../statistics/tail.ts";

/** How wide a generated set is. */
export interface GeneratorPolicy {
  /** Positions are assumed to be closed within so many hours. */
  readonly horizonHours: number;
  readonly lookbackHours: number;
  /** The widest row of the grid is not exceeded with this chance, in either direction. */
  readonly gridConfidence: number;
  readonly tailConfidence: number;
}

/** A day, looking back half a year; the grid to 99 %, tails to 99.7 %. */
export const defaultGeneratorPolicy: GeneratorPolicy = {
  horizonHours: 24,
  lookbackHours: 4380,
  gridConfidence: 0.99,
  tailConfidence: 0.997,
};

const gridSteps = [0, -1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1];

interface Range {
  readonly down: number;
  readonly up: number;
}

/**
 * A scenario set fitted to history before `now`: 9 joint price moves by 3 volatility moves, two tails, and rows that
 * move underlyings apart.
 *
 * Price ranges are quantiles of the filtered historical simulation, at `now`'s volatility; moves are rounded away from
 * zero to whole basis points. Volatility moves, relative, are quantiles of how the realized estimate changed over the
 * horizon: a stand-in for implied volatility, which a price file does not hold. Underlyings move apart by the quantile
 * of |move / range - other move / other range|, half each; two rows for each pair, or, where those do not fit into 40
 * rows, two for each binary digit of the underlyings' numbers, so that any two differ in at least one of them.
 *
 * @throws {HistoryTooShort | InvalidScenarioSet}
 */
export function generateScenarioSet(
  history: FilteredHistory,
  now: number,
  policy: GeneratorPolicy = defaultGeneratorPolicy,
): ScenarioSet {
  const { horizonHours, lookbackHours } = policy;
  const moves = simulateMoves(history, { now, horizonHours, lookbackHours, stepHours: 1 });
  const grid = moves.map((series) => rangeOf(series, policy.gridConfidence));
  const tails = moves.map((series) => rangeOf(series, policy.tailConfidence));
  const volatilities = history.volatilities.map((series) => volatilityRange(series, history.first, now, policy));
  const unmoved = history.underlyings.map(() => 0);
  const ups = volatilities.map(({ up }) => bps(up));
  const downs = volatilities.map(({ down }) => bps(-down));

  const prices: number[][] = [];
  const volatilityMoves: number[][] = [];
  const add = (price: number[], volatility: number[]) => {
    prices.push(price);
    volatilityMoves.push(volatility);
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
  for (const row of apartRows(moves, grid, policy.gridConfidence, mostScenarios - prices.length)) add(row, ups);

  const set: ScenarioSet = {
    underlyings: history.underlyings,
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

function apartRows(moves: SimulatedMoves, grid: readonly Range[], confidence: number, room: number): number[][] {
  const count = moves.length;
  const apart = (i: number, j: number) => Math.min(1, distance(moves, grid, i, j, confidence) / 2);
  const pairs = Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    Array.from({ length: count - i - 1 }, (_, offset): [number, number] => [i, i + offset + 1]),
  );
  if (2 * pairs.length <= room) {
    return pairs.flatMap(([i, j]) =>
      [1, -1].map((sign) =>
        grid.map((range, u) =>
          u === i ? moveBps(range, sign * apart(i, j)) : u === j ? moveBps(range, -sign * apart(i, j)) : 0,
        ),
      ),
    );
  }
  const widest = Math.max(...pairs.map(([i, j]) => apart(i, j)));
  const digits = Math.ceil(Math.log2(count));
  return Array.from({ length: digits }, (_, digit) => digit).flatMap((digit) =>
    [1, -1].map((sign) => grid.map((range, u) => moveBps(range, ((u >> digit) & 1 ? -sign : sign) * widest))),
  );
}

/** The quantile of how far two underlyings came apart, in units of their ranges. */
function distance(moves: SimulatedMoves, grid: readonly Range[], i: number, j: number, confidence: number): number {
  const distances = Float64Array.from(moves[i] ?? [], (move, k) =>
    Math.abs(inRanges(grid[i], move) - inRanges(grid[j], moves[j]?.[k] ?? 0)),
  );
  return quantile(sortLosses(distances), confidence);
}

function inRanges(range: Range | undefined, move: number): number {
  return move / Math.max(1e-9, (move < 0 ? range?.down : range?.up) ?? 0);
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
