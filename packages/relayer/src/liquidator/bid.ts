import type { Auction } from "@plimsoll/sdk/actions/getAuction";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import { largestFraction, type Part, partOf, type Room } from "./fraction.ts";
import { type Bidding, discountOf, type GasCost, leastDiscount } from "./profit.ts";

/** What may be had of a book, and for what it is worth while. */
export interface Bid {
  readonly part: Part;
  /** USD with 8 decimals. */
  readonly least: bigint;
}

export interface BidOptions {
  /** What the taker may still take at that market. */
  readonly room: Room;
  /** No larger part is tried. */
  readonly most: bigint;
  /** Of one sale. */
  readonly cost: GasCost;
  readonly bidding: Bidding;
}

/**
 * The largest part of a book that can be had, with the least discount at which it pays. Null where nothing can be had, or
 * where not even the largest discount of an auction would pay.
 *
 * @example
 * const bid = bidOn(book, { room, most: whole, cost: { gas: 250_000n, gasPriceWei, nativeUsdE8 }, bidding });
 */
export function bidOn(book: Liquidation, { room, most, cost, bidding }: BidOptions): Bid | null {
  const fraction = largestFraction(book, room);
  const part = partOf(book, fraction < most ? fraction : most);
  const least = leastDiscount(part.notional, cost, bidding);
  return part.fraction === 0n || discountOf(part.risk) < least ? null : { part, least };
}

/**
 * What is to be done about a bid while the book's auction stands so; null: there is none.
 *
 * @param startCost What it costs to start one, USD with 8 decimals.
 */
export function nextMove({ part, least }: Bid, auction: Auction | null, startCost: bigint): "start" | "wait" | "take" {
  if (auction === null) return discountOf(part.risk) < least + startCost ? "wait" : "start";
  return discountOf(part.risk, auction.discountRate) < least ? "wait" : "take";
}
