import { exactLimit } from "./array-book.ts";
import { OutsideFastRange } from "./errors.ts";

/** One account as the fast path takes it: collateral is a position whose risk array is `collateralPrices`. */
export interface FastAccount {
  /** USD with 8 decimals. */
  readonly cash: bigint;
  /** Sizes with 8 decimals, by the instrument's number in the array book. */
  readonly positions: readonly { readonly instrument: number; readonly size: bigint }[];
}

/** Many accounts, integers as doubles, one array per field: account `a` holds the positions from `starts[a]` up to `starts[a + 1]`. */
export interface AccountBook {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly instruments: Uint32Array;
  readonly sizes: Float64Array;
  readonly cash: Float64Array;
}

/**
 * Room for accounts, to be filled in order by `setAccount`.
 * @param mostPositions Of all accounts together.
 * @example
 * const accounts = makeAccountBook(1, 1);
 * setAccount(accounts, 0, { cash: 5_00000000n, positions: [{ instrument: 0, size: -1_00000000n }] });
 */
export function makeAccountBook(accounts: number, mostPositions: number): AccountBook {
  return {
    count: accounts,
    starts: new Uint32Array(accounts + 1),
    instruments: new Uint32Array(mostPositions),
    sizes: new Float64Array(mostPositions),
    cash: new Float64Array(accounts),
  };
}

/**
 * Writes account number `index`; the ones before it must have been written, and it must have as many positions as it
 * had if others follow it.
 * @throws {OutsideFastRange} for a size or cash of 2^53 (90 million) or more, or a full book.
 */
export function setAccount(book: AccountBook, index: number, { cash, positions }: FastAccount): void {
  const start = book.starts[index] as number;
  if (cash >= exactLimit || cash <= -exactLimit) throw new OutsideFastRange("cash of 2^53 or more");
  if (start + positions.length > book.sizes.length) throw new OutsideFastRange("more positions than there is room for");
  book.cash[index] = Number(cash);
  for (const [offset, { instrument, size }] of positions.entries()) {
    if (size >= exactLimit || size <= -exactLimit) throw new OutsideFastRange("a size of 2^53 or more");
    book.instruments[start + offset] = instrument;
    book.sizes[start + offset] = Number(size);
  }
  book.starts[index + 1] = start + positions.length;
}
