import type { Eid } from "@plimsoll/protocol/ids";
import { NoLiquidation } from "@plimsoll/sdk/errors/contract";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import type { Clock } from "../clock.ts";
import { createDesk, type DeskOptions, keyOf, placeOf } from "./desk.ts";
import { whole } from "./fraction.ts";
import { resolveInsolvent } from "./insolvent.ts";
import { createSales } from "./sales.ts";

export interface LiquidatorOptions extends DeskOptions {
  readonly clock: Clock;
}

/** Whoever buys what has to be sold, for a profit. */
export interface Liquidator {
  /** One look at every book, and what follows of it on every chain that is not still at work. Rejects where no node answers. */
  turn(): Promise<void>;
  /** Looks until stopped, and then waits for what is under way. */
  run(signal: AbortSignal): Promise<void>;
}

/** So many books of one chain are looked after at once. */
const atOnce = 8;
/** What a chain has not done by then is given up, and nonces begin anew at what the chains say. */
export const patienceMs = 60_000;
const balanceEveryMs = 60_000;

/** @example await createLiquidator({ policy, chainNames, effects, clock, log }).run(signal); */
export function createLiquidator(options: LiquidatorOptions): Liquidator {
  const { clock, ...deskOptions } = options;
  const desk = createDesk(deskOptions);
  const { policy, chainNames, effects, log, nameOf, onEvent, refused, told } = desk;
  const sales = createSales(desk);
  /** By chain: what is still under way there. */
  const lanes = new Map<Eid, Promise<void>>();
  /** By book: the epoch by whose list all of it was taken or closed. */
  const resolved = new Map<string, number>();
  const balanceReadMs = new Map<Eid, number>();
  /** Consumers at which nobody is liquidated, once that was said. */
  const saidNone = new Set<string>();

  async function resolve(book: Liquidation): Promise<void> {
    const place = placeOf(book);
    const where = { chain: nameOf(place.eid), account: place.account };
    if (resolved.get(keyOf(place)) === book.epoch) return;
    const done = await resolveInsolvent(book, place, effects);
    if (done.by !== "left" && done.fraction === whole) resolved.set(keyOf(place), book.epoch);
    if (done.by === "left") {
      onEvent({ type: "nobody", chain: where.chain });
      log.warn({ ...where, gross: String(book.gross), owed: String(book.owed) }, "nobody can take an insolvent book");
    } else if (done.by === "backstop") {
      told(place, "taken-over", done);
      log.info({ ...where, fraction: String(done.fraction), loss: String(done.loss) }, "book taken over");
    } else {
      told(place, "deleveraged", done);
      log.info({ ...where, fraction: String(done.fraction), closed: done.closed }, "book deleveraged");
    }
  }

  async function tend(book: Liquidation): Promise<void> {
    try {
      if (book.status === "liquidatable") await sales.sell(book);
      else if (policy.unpaid) await resolve(book);
    } catch (error) {
      if (error instanceof NoLiquidation) sayNone(book);
      else refused(placeOf(book), error, "book left");
    }
  }

  /** A consumer with a margin formula of its own, a credit line, say: what is owed there is for its lender to see to. */
  function sayNone({ eid, consumer }: Liquidation): void {
    const key = `${eid}:${consumer}`;
    if (saidNone.has(key)) return;
    saidNone.add(key);
    log.info({ chain: nameOf(eid), consumer }, "nobody is liquidated at this consumer");
  }

  async function tellBalance(eid: Eid): Promise<void> {
    const now = clock.nowMs();
    if (now - (balanceReadMs.get(eid) ?? Number.NEGATIVE_INFINITY) < balanceEveryMs) return;
    balanceReadMs.set(eid, now);
    onEvent({ type: "balance", chain: nameOf(eid), balanceWei: await effects.balanceWei(eid) });
  }

  async function work(eid: Eid, books: readonly Liquidation[], signal: AbortSignal): Promise<void> {
    await tellBalance(eid).catch((error: unknown) => log.warn({ chain: nameOf(eid), err: error }, "balance unknown"));
    for (let from = 0; from < books.length && !signal.aborted; from += atOnce) {
      await Promise.all(books.slice(from, from + atOnce).map(tend));
    }
    if (!signal.aborted) await sales.endRecovered(eid, books);
  }

  /** A chain's work, given up where it takes too long: a chain that hangs is not to hold up its own next turn for ever. */
  async function workInTime(eid: Eid, books: readonly Liquidation[], signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const late = clock.sleep(patienceMs, done.signal).then(() => !done.signal.aborted);
    const isLate = await Promise.race([work(eid, books, signal).then(() => false), late]);
    done.abort();
    if (!isLate) return;
    onEvent({ type: "refused", chain: nameOf(eid), because: "failed" });
    log.warn({ chain: nameOf(eid), afterMs: patienceMs }, "chain given up for this turn");
    await effects.reconnect().catch((error: unknown) => log.warn({ err: error }, "wallet lost"));
  }

  /** Begins work on every chain that is not still at work. */
  async function look(signal: AbortSignal): Promise<void> {
    const books = await effects.books();
    onEvent({ type: "looked", books: books.map(({ eid, status }) => ({ chain: nameOf(eid), status })) });
    if (books.length > 0) sales.see(await effects.taker());
    const byChain = Map.groupBy(books, ({ eid }) => eid);
    for (const eid of chainNames.keys()) {
      if (signal.aborted || lanes.has(eid)) continue;
      lanes.set(
        eid,
        workInTime(eid, byChain.get(eid) ?? [], signal).finally(() => lanes.delete(eid)),
      );
    }
  }

  return {
    async turn() {
      await look(new AbortController().signal);
      await Promise.all(lanes.values());
    },
    async run(signal) {
      while (!signal.aborted) {
        await look(signal).catch((error: unknown) => {
          onEvent({ type: "blind" });
          log.warn({ err: error }, "books not read");
        });
        await clock.sleep(policy.pollMs, signal);
      }
      await Promise.all(lanes.values());
    },
  };
}
