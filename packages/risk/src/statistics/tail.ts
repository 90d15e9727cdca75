import { HistoryTooShort } from "../history/errors.ts";

/** The losses in ascending order, in an array of their own. */
export function sortLosses(losses: Float64Array): Float64Array {
  return losses.slice().sort();
}

/**
 * The smallest loss that is not exceeded with a chance of `confidence` or more.
 * @param sorted Ascending.
 */
export function quantile(sorted: Float64Array, confidence: number): number {
  if (sorted.length === 0) throw new HistoryTooShort(1, 0);
  // Products such as 0.99 * 100 come out a little above the whole number that they are.
  const rank = Math.ceil(confidence * sorted.length - 1e-9);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] as number;
}

/**
 * The mean of the worst 1 - `confidence` of the losses; one that straddles the edge counts in part (Acerbi & Tasche,
 * "On the coherence of expected shortfall", Journal of Banking & Finance 26 (2002), definition 2.6).
 * @param sorted Ascending.
 */
export function meanBeyond(sorted: Float64Array, confidence: number): number {
  if (sorted.length === 0) throw new HistoryTooShort(1, 0);
  const weight = (1 - confidence) * sorted.length;
  const whole = Math.min(sorted.length, Math.floor(weight + 1e-9));
  let sum = 0;
  for (let k = 1; k <= whole; k++) sum += sorted[sorted.length - k] as number;
  const rest = Math.max(0, weight - whole);
  if (rest > 1e-9 && whole < sorted.length) sum += rest * (sorted[sorted.length - whole - 1] as number);
  return sum / weight;
}
