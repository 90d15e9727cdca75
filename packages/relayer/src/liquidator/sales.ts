import type { Eid } from "@plimsoll/protocol/ids";
import type { Account } from "@plimsoll/sdk/node/accountSchema";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import { type Bid, bidOn, nextMove } from "./bid.ts";
import { type Desk, keyOf, placeOf } from "./desk.ts";
import type { Place } from "./effects.ts";
import { whole } from "./fraction.ts";
import { gasInUsd } from "./profit.ts";
import { refusalOf } from "./refusal.ts";
import { createRooms } from "./rooms.ts";
import { createSaleGas } from "./saleGas.ts";
import { createTries } from "./tries.ts";

/** Liquidatable books: auctions, and the parts that are taken in them. */
export interface Sales {
  /** What the taker may take from now on; null: it has no collateral. */
  see(taker: Account | null): void;
  /** The next move for a book, if there is one that pays. Rejects with what stands in the way. */
  sell(book: Liquidation): Promise<void>;
  /** Ends the chain's auctions of accounts that are not on its list any more: the next one is to begin at no discount. */
  endRecovered(eid: Eid, books: readonly Liquidation[]): Promise<void>;
}

/** To start an auction, and to post the attestation that says so where nobody has. */
const startGas = 300_000n;

/** @example const sales = createSales(desk); */
export function createSales({ policy, effects, log, nameOf, told, onEvent, refused }: Desk): Sales {
  const rooms = createRooms();
  const tries = createTries((book) => keyOf(placeOf(book)));
  const saleGas = createSaleGas();
  /** Auctions that were seen to run. */
  const auctions = new Map<string, Place>();
  let saidPoor = false;

  async function sell(book: Liquidation): Promise<void> {
    const place = placeOf(book);
    const { eid, market, account } = place;
    const chain = nameOf(eid);
    if (rooms.of(eid, market) === undefined) return;
    const price = { gasPriceWei: await effects.gasPriceWei(eid), nativeUsdE8: policy.chains[chain]?.nativeUsd ?? 0n };
    const bidNow = (): Bid | null => {
      const [room, most] = [rooms.of(eid, market), tries.most(book) ?? whole];
      const cost = { gas: saleGas.of(book.positions.length), ...price };
      return room === undefined ? null : bidOn(book, { room, most, cost, bidding: policy.bidding });
    };
    if (bidNow() === null) return;
    const auction = await effects.auction(place);
    // Other books may have taken room meanwhile.
    const bid = bidNow();
    if (bid === null) return;
    const { part, least } = bid;
    const move = nextMove(bid, auction, gasInUsd({ gas: startGas, ...price }));
    if (move === "start") {
      told(place, "started", await effects.start(place));
      log.info({ chain, account, least: String(least) }, "auction started");
    }
    if (move === "start" || auction !== null) auctions.set(keyOf(place), place);
    if (move !== "take") return;
    // Before it is sent: others are looked after meanwhile. What is not taken has its room back with the next epoch.
    rooms.take(eid, market, part);
    try {
      const { discount, gas, feeWei } = await effects.take(place, { fraction: part.fraction, leastDiscount: least });
      tries.sold(book);
      saleGas.saw(book.positions.length, gas);
      onEvent({ type: "taken", chain, gas, feeWei, discount, notional: part.notional });
      const sale = { fraction: String(part.fraction), notional: String(part.notional), discount: String(discount) };
      log.info({ chain, account, ...sale, gasUsed: String(gas) }, "book taken");
    } catch (error) {
      if (refusalOf(error) === "too-much") tries.refused(book, part.fraction);
      throw error;
    }
  }

  async function end(place: Place): Promise<void> {
    const { eid, account } = place;
    try {
      told(place, "ended", await effects.end(place));
      log.info({ chain: nameOf(eid), account }, "auction ended");
    } catch (error) {
      // A chain or a node that does not answer is asked again.
      if (refused(place, error, "auction left") === "failed") auctions.set(keyOf(place), place);
    }
  }

  return {
    sell,
    see(taker) {
      rooms.see(taker);
      if (taker === null && !saidPoor) log.warn("the taker has no collateral: nothing is bid for");
      saidPoor = taker === null;
    },
    async endRecovered(eid, books) {
      const listed = new Set(books.map((book) => keyOf(placeOf(book))));
      const over = [...auctions].filter(([key, place]) => place.eid === eid && !listed.has(key));
      for (const [key, place] of over) {
        auctions.delete(key);
        if (policy.unpaid) await end(place);
      }
    },
  };
}
