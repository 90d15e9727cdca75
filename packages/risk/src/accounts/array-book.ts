import { ScenarioCountMismatch } from "../errors.ts";
import type { InstrumentValuation } from "../portfolio.ts";
import { OutsideFastRange } from "./errors.ts";

/** Sizes, prices and charges below this are exact as a double. */
export const exactLimit = 2n ** 53n;

/** Scenarios are padded to whole blocks of this many: the kernel keeps one block of sums in registers. */
export const blockLength = 8;

/** Every instrument's risk array, integers as doubles. One instrument's row is `stride` entries long. */
export interface ArrayBook {
  readonly scenarios: number;
  readonly stride: number;
  /** Entries past the last scenario repeat row 0, so that they are never the worst alone. */
  readonly prices: Float64Array;
  /** Largest |price| + charge of each instrument: what bounds its rounding. */
  readonly largest: Float64Array;
  readonly charges: Float64Array;
}

/**
 * An empty book; instruments are numbered from 0. Rows that were never set price at 0.
 * @example
 * const arrays = makeArrayBook(1, 2);
 * setArray(arrays, 0, { charge: 1n, prices: BigInt64Array.of(5_00000000n, 4_00000000n) });
 */
export function makeArrayBook(instruments: number, scenarios: number): ArrayBook {
  const stride = Math.ceil(scenarios / blockLength) * blockLength;
  return {
    scenarios,
    stride,
    prices: new Float64Array(instruments * stride),
    largest: new Float64Array(instruments),
    charges: new Float64Array(instruments),
  };
}

/**
 * Sets (on a price tick: replaces) one instrument's risk array and charge.
 * @throws {ScenarioCountMismatch} when the array is not as long as the book's.
 * @throws {OutsideFastRange} for a price or a charge of 2^53 (90 million dollars) or more.
 */
export function setArray(
  book: ArrayBook,
  index: number,
  { prices, charge }: Pick<InstrumentValuation, "prices" | "charge">,
): void {
  if (prices.length !== book.scenarios) throw new ScenarioCountMismatch(book.scenarios, prices.length);
  if (charge < 0n || charge >= exactLimit) throw new OutsideFastRange("a charge below zero or of 2^53 or more");
  const start = index * book.stride;
  let largest = 0;
  for (let s = 0; s < book.stride; s++) {
    const price = prices[s < book.scenarios ? s : 0] as bigint;
    if (price >= exactLimit || price <= -exactLimit) throw new OutsideFastRange("a price of 2^53 or more");
    book.prices[start + s] = Number(price);
    largest = Math.max(largest, Math.abs(Number(price)));
  }
  book.charges[index] = Number(charge);
  book.largest[index] = largest + Number(charge);
}
