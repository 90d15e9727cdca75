import type { TransactionStore } from "./store.ts";

/** Nonces in a row that nobody is known to have used and that are filled all the same. */
const widestGap = 32;

/**
 * The nonce after the last one given out that the chain can get to. What lies beyond a wider gap was given out because an
 * endpoint once told a count that was far too high: to fill all that lies before it would cost gas for each.
 *
 * @param used Transactions of this account that are in blocks.
 */
export function nextInReach(
  { highestNonce, highestSettled, isKnown }: Pick<TransactionStore, "highestNonce" | "highestSettled" | "isKnown">,
  used: number,
): number {
  const highest = highestNonce() ?? -1;
  // A count may be too low as well.
  let next = Math.max(used, (highestSettled() ?? -1) + 1);
  for (let nonce = next; nonce <= highest && nonce <= next + widestGap; nonce++) if (isKnown(nonce)) next = nonce + 1;
  return next;
}
