import { abs, divUp, max, min } from "@plimsoll/risk/fixed-point";
import type { InstrumentId } from "../ids.ts";
import { type Book, matchingRow } from "./books.ts";

/** Drifts and ratios are numbers of 2^-24, so that multiplying by them needs shifts alone. */
export const driftBits = 24n;

/** Larger ones are not told apart: an account that they concern is treated as too large to be computed. */
export const largestDrift = 1n << 60n;

/** How far the arrays of one book lie from those of the one before it. */
export interface Drift {
  /** For every scenario of the later book, the most that a portfolio loses by the change, per unit of notional. */
  readonly perNotional: BigInt64Array;
  /** The most that one unit loses of an instrument that nobody can have bought meanwhile: it is not in `perNotional`. */
  readonly perUnit: ReadonlyMap<InstrumentId, BigInt64Array>;
  /** The largest of `perNotional`. */
  readonly largest: bigint;
  /** Most by which the change multiplies a portfolio's notional. */
  readonly notionalRatio: bigint;
}

/**
 * The drift between two books, over the instruments that a portfolio can hold coming from the first.
 *
 * For a portfolio with sizes q_i the loss moves by at most
 *
 *     sum |q_i| (|p'_i - p_i| + max(0, c'_i - c_i)) <= sum |q_i| n_i * max_i (|p'_i - p_i| + max(0, c'_i - c_i)) / n_i
 *
 * with prices p, charges c and notionals n a unit: its notional in the first book times this drift. Rounded up.
 *
 * An instrument that was reduce-only all the while is held in no larger size than at the cut, so its part of the sum is
 * known account by account, and kept apart.
 *
 * @param onlyShrunk Instruments that could only be reduced, in every epoch that may have ruled since the cut.
 */
export function driftBetween(from: Book, to: Book, onlyShrunk: ReadonlySet<InstrumentId>): Drift {
  const perNotional = new BigInt64Array(to.scenarios);
  const perUnit = new Map<InstrumentId, BigInt64Array>();
  let notionalRatio = 0n;
  for (const [id, before] of from.entries) {
    const after = to.entries.get(id);
    if (after === undefined) continue;
    const ratio = divUp(after.notional << driftBits, before.notional);
    if (ratio > notionalRatio) notionalRatio = min(ratio, largestDrift);
    const charge = after.charge > before.charge ? after.charge - before.charge : 0n;
    const apart = onlyShrunk.has(id) ? new BigInt64Array(to.scenarios) : null;
    for (let s = 0; s < to.scenarios; s++) {
      const move = abs((after.prices[s] ?? 0n) - (before.prices[matchingRow(s, from.scenarios)] ?? 0n)) + charge;
      if (apart) {
        apart[s] = min(move, largestDrift);
        continue;
      }
      const drift = divUp(move << driftBits, before.notional);
      if (drift > (perNotional[s] ?? 0n)) perNotional[s] = min(drift, largestDrift);
    }
    if (apart?.some((move) => move > 0n)) perUnit.set(id, apart);
  }
  return { perNotional, perUnit, largest: perNotional.reduce(max, 0n), notionalRatio };
}
