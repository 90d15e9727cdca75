import type { AccountId } from "@plimsoll/protocol/ids";
import { endAuction } from "@plimsoll/sdk/actions/endAuction";
import { getAccount } from "@plimsoll/sdk/actions/getAccount";
import { getAuction } from "@plimsoll/sdk/actions/getAuction";
import { getLiquidations } from "@plimsoll/sdk/actions/getLiquidations";
import { liquidate } from "@plimsoll/sdk/actions/liquidate";
import { startAuction } from "@plimsoll/sdk/actions/startAuction";
import type { Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { getChain } from "@plimsoll/sdk/deployment";
import { AllotmentExceeded, ContractRefused, GrossLimitExceeded } from "@plimsoll/sdk/errors/contract";
import { UnknownAccount } from "@plimsoll/sdk/errors/node";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import { connect, disconnect, type Config as Wallets } from "@wagmi/core";
import type { Logger } from "pino";
import { getGasPrice } from "viem/actions";
import type { Clock } from "../clock.ts";
import type { LiquidatorConfig } from "./config.ts";
import { largestFraction, partOf, type Room, roomAfter } from "./fraction.ts";
import { resolveInsolvent } from "./insolvent.ts";
import { discountOf, leastDiscount } from "./profit.ts";

export interface LiquidatorOptions {
  readonly policy: Pick<LiquidatorConfig, "bidding" | "chains" | "pollMs" | "unpaid">;
  readonly plimsoll: Plimsoll;
  /** With the wallet that bids connected. */
  readonly wallets: Wallets;
  /** Takes positions over. */
  readonly taker: AccountId;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Whoever buys what has to be sold, for a profit. */
export interface Liquidator {
  /** One look at every book. Rejects where no node answers. */
  turn(): Promise<void>;
  /** Turns until stopped. */
  run(signal: AbortSignal): Promise<void>;
}

/** Gas of a sale before one was seen. */
const firstSaleGas = 900_000n;
/** So many books of one chain are looked after at once. */
const atOnce = 8;
/** A transaction that is not mined by then is given up, and nonces begin anew at what the chain says. */
const patienceMs = 60_000;

/** @example await createLiquidator({ policy, plimsoll, wallets, taker, clock, log }).run(signal); */
export function createLiquidator(options: LiquidatorOptions): Liquidator {
  const { policy, plimsoll, wallets, taker, clock, log } = options;
  /** By market: what the taker may still take. Of the epoch's view, less what was taken since. */
  let rooms = new Map<string, Room>();
  let roomsEpoch = -1;
  /** By book: the largest fraction to be tried while the nodes' view of it is this one. */
  const caps = new Map<string, { readonly gross: bigint; readonly epoch: number; readonly most: bigint }>();
  /** By book: auctions that were seen to run. */
  const auctions = new Map<string, Pick<Liquidation, "eid" | "consumer" | "account">>();
  let saleGas = firstSaleGas;

  async function readRooms(): Promise<void> {
    const mine = await getAccount(plimsoll, { account: taker }).catch((error: unknown) => {
      if (error instanceof UnknownAccount) return null;
      throw error;
    });
    if (mine?.epoch === roomsEpoch) return;
    roomsEpoch = mine?.epoch ?? -1;
    rooms = new Map(
      (mine?.portfolios ?? []).flatMap(({ eid, consumer, losses, allotment, positions }) => {
        if (allotment === null || allotment.status !== "active") return [];
        // At mark: near enough to notional, and the market has the last word.
        const held = positions.reduce((sum, { size, mark }) => sum + (size < 0n ? -size : size) * mark, 0n) / 10n ** 8n;
        const left = allotment.losses.map((most, s) => most - (losses[s] ?? 0n));
        return [[`${eid}:${consumer}`, { losses: left, gross: allotment.grossLimit - held }]];
      }),
    );
  }

  async function sell(book: Liquidation): Promise<void> {
    const { eid, consumer: market, account } = book;
    const [key, marketKey] = [keyOf(book), `${eid}:${market}`];
    const room = rooms.get(marketKey);
    if (room === undefined) return;
    const cap = caps.get(key);
    const fraction = largestFraction(book, room);
    const part = partOf(book, cap !== undefined && isSame(cap, book) && cap.most < fraction ? cap.most : fraction);
    const { name, chainId } = getChain(plimsoll.deployment, eid);
    const client = wallets.getClient({ chainId });
    const nativeUsdE8 = policy.chains[name]?.nativeUsd ?? 0n;
    const cost = { gas: saleGas, gasPriceWei: await getGasPrice(client), nativeUsdE8 };
    const least = leastDiscount(part.notional, cost, policy.bidding);
    if (part.fraction === 0n || discountOf(part.risk) < least) return;
    const auction = await getAuction(wallets, plimsoll, { eid, market, account });
    if (auction === null) {
      await startAuction(wallets, plimsoll, { eid, market, account });
      auctions.set(key, { eid, consumer: market, account });
      log.info({ chain: name, account, least: String(least) }, "auction started");
      return;
    }
    auctions.set(key, { eid, consumer: market, account });
    if (discountOf(part.risk, auction.discountRate) < least) return;
    // Before it is sent: others are looked after meanwhile.
    rooms.set(marketKey, roomAfter(rooms.get(marketKey) ?? room, part));
    try {
      const terms = { eid, market, account, taker, fraction: part.fraction, leastDiscount: least };
      const { discount, receipt } = await liquidate(wallets, plimsoll, terms);
      caps.set(key, { ...book, most: 0n });
      saleGas = receipt.gasUsed;
      const told = { fraction: String(part.fraction), notional: String(part.notional), discount: String(discount) };
      log.info({ chain: name, account, ...told, gasUsed: String(receipt.gasUsed) }, "book taken");
    } catch (error) {
      // Whatever the reason: what was not taken leaves its room for others, by the next view at the latest.
      if (isTooMuch(error)) caps.set(key, { ...book, most: part.fraction / 2n });
      throw error;
    }
  }

  async function tend(book: Liquidation): Promise<void> {
    const { eid, account } = book;
    const { name } = getChain(plimsoll.deployment, eid);
    try {
      if (book.status === "liquidatable") await sell(book);
      else if (policy.unpaid) await resolveInsolvent(book, { wallets, plimsoll, log });
    } catch (error) {
      const because = error instanceof ContractRefused ? (error.errorName ?? "unknown") : "";
      log[expected.has(because) || isTooMuch(error) ? "debug" : "warn"](
        { chain: name, account, err: error },
        "book left",
      );
    }
  }

  /** Auctions of accounts that are on nobody's list any more: the next one is to begin at no discount. */
  async function endRecovered(books: readonly Liquidation[]): Promise<void> {
    const listed = new Set(books.map(keyOf));
    for (const [key, { eid, consumer: market, account }] of auctions) {
      if (listed.has(key)) continue;
      auctions.delete(key);
      try {
        await endAuction(wallets, plimsoll, { eid, market, account });
        log.info({ chain: getChain(plimsoll.deployment, eid).name, account }, "auction ended");
      } catch (error) {
        log.debug({ account, err: error }, "auction left");
      }
    }
  }

  async function turn(): Promise<void> {
    const books = await getLiquidations(plimsoll);
    if (books.length > 0) await readRooms();
    const byChain = Map.groupBy(books, ({ eid }) => eid);
    await Promise.all([...byChain.values()].map((list) => inBatches(list, tend)));
    if (policy.unpaid) await endRecovered(books);
  }

  return {
    turn,
    async run(signal) {
      while (!signal.aborted) {
        const late = new AbortController();
        try {
          await Promise.race([turn(), tooLate(late.signal)]);
        } catch (error) {
          log.warn({ err: error }, "turn failed");
          await reconnect(wallets).catch((cause: unknown) => log.warn({ err: cause }, "wallet lost"));
        }
        late.abort();
        await clock.sleep(policy.pollMs, signal);
      }
    },
  };

  async function tooLate(signal: AbortSignal): Promise<void> {
    await clock.sleep(patienceMs, signal);
    if (!signal.aborted) throw new TurnTooLong();
  }
}

/** Something that was sent has not come into a block. */
class TurnTooLong extends Error {
  override readonly name = "TurnTooLong";

  constructor() {
    super(`a turn took longer than ${patienceMs / 1000} s`);
  }
}

/** What others were faster with, or the market does not want yet. */
const expected = new Set(["AuctionUnderWay", "NotLiquidatable", "BelowTarget", "DiscountTooSmall", "NothingToMove"]);

const keyOf = ({ eid, consumer, account }: Pick<Liquidation, "eid" | "consumer" | "account">): string =>
  `${eid}:${consumer}:${account}`;

/** A smaller part may pass. */
function isTooMuch(error: unknown): boolean {
  if (error instanceof AllotmentExceeded || error instanceof GrossLimitExceeded) return true;
  return error instanceof ContractRefused && error.errorName === "FractionTooLarge";
}

/** Whether the nodes still tell the book as it was: what was learnt of it holds. */
function isSame(cap: { readonly gross: bigint; readonly epoch: number; readonly most: bigint }, book: Liquidation) {
  // After a sale until the sale is seen; after a refusal until the next epoch.
  return cap.most === 0n ? cap.gross === book.gross : cap.epoch === book.epoch;
}

async function inBatches<T>(list: readonly T[], one: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < list.length; from += atOnce) await Promise.all(list.slice(from, from + atOnce).map(one));
}

async function reconnect(wallets: Wallets): Promise<void> {
  const [connector] = wallets.connectors;
  if (connector === undefined) return;
  await disconnect(wallets, { connector });
  await connect(wallets, { connector });
}
