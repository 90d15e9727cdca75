import { abs, divUp, oneE8 } from "@plimsoll/risk/fixed-point";
import { addProduct, roundSumDown, type SplitVector, startSum } from "@plimsoll/risk/vectors";
import type { Portfolio } from "../state.ts";
import type { Book } from "./books.ts";

/** Whether every instrument held has an array in the book; with `own`, a leaf at that very epoch, or it has settled. */
export function covers(book: Book, portfolio: Portfolio, own: boolean): boolean {
  for (const id of portfolio.positions.keys()) {
    const entry = book.entries.get(id);
    if (entry === undefined || (own && !entry.own && !entry.settled)) return false;
  }
  return true;
}

/**
 * A portfolio's loss in every scenario of a book, exact and then rounded up to 8 decimals, as the contract values it.
 * Every instrument held must be in the book.
 */
export function writeLosses(portfolio: Portfolio, book: Book, sum: SplitVector, target: BigInt64Array): void {
  let certainE16 = portfolio.cash * oneE8;
  for (const [id, size] of portfolio.positions) certainE16 -= abs(size) * (book.entries.get(id)?.charge ?? 0n);
  startSum(sum, certainE16, book.scenarios);
  for (const [id, size] of portfolio.positions) {
    const entry = book.entries.get(id);
    if (entry) addProduct(sum, size / oneE8, size % oneE8, entry.split);
  }
  roundSumDown(sum, target, book.scenarios);
  for (let s = 0; s < book.scenarios; s++) target[s] = BigInt.asIntN(64, -(target[s] as bigint));
}

/** A portfolio's notional in a book, USD with 8 decimals, rounded up. */
export function grossIn(portfolio: Portfolio, book: Book): bigint {
  let grossE16 = 0n;
  for (const [id, size] of portfolio.positions) grossE16 += abs(size) * (book.entries.get(id)?.notional ?? 0n);
  return divUp(grossE16, oneE8);
}
