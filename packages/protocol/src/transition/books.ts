import { max } from "@plimsoll/risk/fixed-point";
import { type SplitVector, splitVector } from "@plimsoll/risk/vectors";
import { type InstrumentPrices, instrumentStatus } from "../epoch.ts";
import type { InstrumentId } from "../ids.ts";

/** An instrument in a book. */
export interface BookEntry {
  readonly notional: bigint;
  readonly charge: bigint;
  readonly prices: BigInt64Array;
  readonly split: SplitVector;
  /** The largest of all these figures, in double precision: a measure of whether 64 bits will do. */
  readonly largest: number;
  /** False where the epoch has no leaf for it and the array of an epoch before is carried forward. */
  readonly own: boolean;
  /** Settled in this epoch or one before: a position in it may be cash by now. */
  readonly settled: boolean;
}

/** The arrays that portfolios are valued with at one epoch. */
export interface Book {
  readonly scenarios: number;
  readonly entries: ReadonlyMap<InstrumentId, BookEntry>;
}

/** Scenario sets of different size are matched by index; a row that the older set has not is matched with its base. */
export function matchingRow(row: number, olderScenarios: number): number {
  return row < olderScenarios ? row : 0;
}

/**
 * The book of an epoch that follows another.
 *
 * An instrument that has no leaf in the epoch cannot be traded under it, yet may be held. Its array is carried forward
 * from the book before, so that the bound on portfolios which hold it is carried forward too.
 */
export function makeBook(
  instruments: ReadonlyMap<InstrumentId, InstrumentPrices>,
  scenarios: number,
  before: Book | null,
): Book {
  const entries = new Map<InstrumentId, BookEntry>();
  for (const [id, { status, charge, prices, ...instrument }] of instruments) {
    // Drifts are by notional. No honest epoch has a leaf without one; one that has shall not stop those who come after.
    const notional = max(1n, instrument.notional);
    const settled = status === instrumentStatus.settled;
    const largest = prices.reduce((most, price) => Math.max(most, Math.abs(Number(price))), Number(notional + charge));
    entries.set(id, { notional, charge, prices, split: splitVector(prices), largest, own: true, settled });
  }
  for (const [id, entry] of before?.entries ?? []) {
    if (entries.has(id)) continue;
    const prices = BigInt64Array.from({ length: scenarios }, (_, row) => {
      return entry.prices[matchingRow(row, entry.prices.length)] ?? 0n;
    });
    entries.set(id, { ...entry, prices, split: splitVector(prices), own: false });
  }
  return { scenarios, entries };
}
