import type { SimulatedMoves } from "../history/filtered-history.ts";
import { quantile, sortLosses } from "../statistics/tail.ts";

/** How far one underlying may fall and rise, as shares of its price. */
export interface Range {
  readonly down: number;
  readonly up: number;
}

/** Two coins that have been as one so far still part by a quarter of a range. */
const least = 0.25;

/**
 * How far two underlyings may come apart, in units of their ranges, at most 2 (each at the end of its own).
 *
 * The largest of three: a quarter of a range; the quantile of |move / range - other move / other range| that history shows; and sqrt(2 (1 - rho)), how
 * far apart two normal variables come at the level at which each of them reaches the end of its range, at a correlation lower than
 * history's. That is max(2 rho - 1, 0.75 rho), the low correlation scenario of the Basel market risk framework (MAR21.6):
 * a stress in which two coins part has seldom been seen in the months that are looked back at.
 */
export function distanceApart(
  moves: SimulatedMoves,
  ranges: readonly Range[],
  i: number,
  j: number,
  confidence: number,
): number {
  const a = moves[i] ?? new Float64Array();
  const b = moves[j] ?? new Float64Array();
  const distances = a.map((move, k) => Math.abs(inRanges(ranges[i], move) - inRanges(ranges[j], b[k] as number)));
  const seen = quantile(sortLosses(distances), confidence);
  const rho = correlation(a, b);
  const low = Math.max(2 * rho - 1, 0.75 * rho);
  return Math.min(2, Math.max(least, seen, Math.sqrt(2 * (1 - low))));
}

function inRanges(range: Range | undefined, move: number): number {
  return move / Math.max(1e-9, (move < 0 ? range?.down : range?.up) ?? 0);
}

/** Of moves whose mean is taken to be 0; 0 where one of them never moves. */
function correlation(a: Float64Array, b: Float64Array): number {
  let both = 0;
  let ofA = 0;
  let ofB = 0;
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k] as number, b[k] as number];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return both === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}
