import type { Auction } from "@plimsoll/sdk/actions/getAuction";
import { AllotmentExceeded, ContractRefused, NoBackstop, NoLiquidation } from "@plimsoll/sdk/errors/contract";
import { NodeProblem } from "@plimsoll/sdk/errors/node";
import type { Account } from "@plimsoll/sdk/node/accountSchema";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../clock.ts";
import type { Effects, Place } from "./effects.ts";
import type { LiquidatorEvent } from "./events.ts";
import { whole } from "./fraction.ts";
import { createLiquidator, type LiquidatorOptions } from "./liquidator.ts";

const usd = (dollars: number) => BigInt(Math.round(dollars * 100)) * 10n ** 6n;
const market = `0x${"a1".repeat(20)}` as const;
const accountOf = (digits: string) => `0x${digits.repeat(32)}` as const;
const taker = accountOf("77");
const spent = { gas: 250_000n, feeWei: 10n ** 14n };

/** Long a hundred coins at 100 dollars, bought with what is owed: half may be sold, and each can fall by a quarter. */
function bookOf(account: string, changes: Partial<Liquidation> = {}): Liquidation {
  return {
    ...{ eid: 1, consumer: market, account: accountOf(account), epoch: 5, status: "liquidatable" },
    ...{ base: usd(500), maintenanceMargin: usd(1_750), cash: usd(-9_000) },
    positions: [
      { instrument: accountOf("c0"), size: 100n * 10n ** 8n, mark: usd(100), notional: usd(10_000), active: true },
    ],
    ...{ gross: usd(10_000), grossLimit: usd(5_000), owed: usd(-1_000) },
    losses: [usd(-1_000), usd(1_500), usd(-3_500)],
    allotment: [usd(-500), usd(1_500), usd(-500)],
    ...changes,
  };
}

/** The taker's, with room for so many dollars of loss on both chains. */
function takerWith(room: number, epoch = 5): Account {
  const portfolio = {
    ...{ consumer: market, cash: 0n, positions: [], losses: [0n, 0n, 0n], postedEpoch: epoch },
    allotment: {
      status: "active" as const,
      grossLimit: usd(1_000_000),
      losses: [usd(room), usd(room), usd(room)],
    },
  };
  return { account: taker, epoch, portfolios: [1, 2].map((eid) => ({ eid, ...portfolio })) } as unknown as Account;
}

const refuse = (name: string) => () => Promise.reject(new ContractRefused(name, [], "Do otherwise."));
const rpcDown = () => Promise.reject(new Error("fetch failed"));

/** A world in which everything goes well: an auction at its end pays a fifth of what is at risk. */
function world(changes: Partial<Effects> = {}, policy: Partial<LiquidatorOptions["policy"]> = {}) {
  const calls: string[] = [];
  const events: LiquidatorEvent[] = [];
  const lines: { msg: string; level: number }[] = [];
  const auctions = new Map<string, Auction>();
  const keyOf = ({ eid, account }: Place) => `${eid}:${account.slice(2, 4)}`;
  const effects: Effects = {
    books: async () => [bookOf("aa")],
    taker: async () => takerWith(1_000_000),
    gasPriceWei: async () => 10n ** 9n,
    balanceWei: async () => 10n ** 18n,
    auction: async (place) => auctions.get(keyOf(place)) ?? null,
    async start(place) {
      auctions.set(keyOf(place), { startedAt: 1, discountRate: whole / 5n });
      return spent;
    },
    take: async (_, { leastDiscount }) => ({ ...spent, discount: leastDiscount }),
    end: async () => spent,
    takeOver: async () => ({ ...spent, loss: usd(10) }),
    deleverage: async () => ({ ...spent, closed: 2 }),
    reconnect: async () => {},
    ...changes,
  };
  const recorded = Object.fromEntries(
    Object.entries(effects).map(([name, effect]) => [
      name,
      (...args: unknown[]) => {
        const [place, terms] = args as [Place | undefined, unknown];
        const fraction = typeof terms === "bigint" ? terms : (terms as { fraction?: bigint } | undefined)?.fraction;
        const part = fraction === undefined ? "" : ` ${Number((fraction * 10_000n) / whole) / 10_000}`;
        const acts = ["start", "take", "end", "takeOver", "deleverage", "reconnect"];
        if (acts.includes(name)) calls.push(`${name}${place === undefined ? "" : ` ${keyOf(place)}`}${part}`);
        return (effect as (...all: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Effects;
  const liquidator = createLiquidator({
    policy: {
      bidding: { closingBps: 20, minimumProfit: usd(5) },
      chains: { birch: { rpcUrl: "", nativeUsd: usd(4_000) }, cedar: { rpcUrl: "", nativeUsd: usd(4_000) } },
      pollMs: 3_000,
      unpaid: true,
      ...policy,
    },
    chainNames: new Map([
      [1, "birch"],
      [2, "cedar"],
    ]),
    effects: recorded,
    clock: systemClock,
    log: pino({ level: "debug" }, { write: (line) => void lines.push(JSON.parse(line)) }),
    onEvent: (event) => events.push(event),
  });
  const told = (type: LiquidatorEvent["type"]) => events.filter((event) => event.type === type);
  return { liquidator, calls, events, told, lines };
}

describe("turn", () => {
  test("default: an auction is started, and the part taken once its discount pays", async () => {
    let discountRate = 0n;
    const { liquidator, calls, told } = world({ auction: async () => ({ startedAt: 1, discountRate }) });
    await liquidator.turn();
    expect(calls).toEqual([]);
    // Half: 5,000 of notional with 1,250 at risk. 5 wanted, 10 to close it, 3.60 for 900,000 gas.
    discountRate = (whole * 1_487n) / 100_000n;
    await liquidator.turn();
    expect(calls).toEqual([]);
    discountRate = (whole * 1_489n) / 100_000n;
    await liquidator.turn();
    expect(calls).toEqual(["take 1:aa 0.5"]);
    expect(told("taken")).toEqual([
      { type: "taken", chain: "birch", ...spent, notional: usd(5_000), discount: usd(18.6) },
    ]);
  });

  test("behavior: nobody starts an auction whose end would not pay for starting it too", async () => {
    const dear = (gwei: number) => world({ gasPriceWei: async () => BigInt(gwei) * 10n ** 9n });
    // At its end it pays 250: 15 and 900,000 gas are 249 at 65 gwei, to start it 78 more.
    const tooDear = dear(65);
    await tooDear.liquidator.turn();
    expect(tooDear.calls).toEqual([]);
    const justWorth = dear(48);
    await justWorth.liquidator.turn();
    expect(justWorth.calls).toEqual(["start 1:aa"]);
  });

  test("behavior: what sales have cost is what the next one is reckoned with", async () => {
    const sales = { gasPriceWei: async () => 10n * 10n ** 9n };
    const seen: bigint[] = [];
    const books = [bookOf("aa"), bookOf("bb")];
    const { liquidator } = world({
      ...sales,
      books: async () => books.splice(0, 1),
      auction: async () => ({ startedAt: 1, discountRate: whole / 5n }),
      async take(_, { leastDiscount }) {
        seen.push(leastDiscount);
        return { ...spent, discount: leastDiscount };
      },
    });
    await liquidator.turn();
    await liquidator.turn();
    expect(seen).toEqual([usd(15 + 36), usd(15 + 10)]);
  });

  test("behavior: no more than its allotment allows, all books together", async () => {
    const { liquidator, calls } = world({
      books: async () => [bookOf("aa"), bookOf("bb"), bookOf("cc")],
      taker: async () => takerWith(2_000),
      auction: async () => ({ startedAt: 1, discountRate: whole / 5n }),
    });
    await liquidator.turn();
    // Each half could lose 1,250: what is sent first leaves less for the others.
    const fractions = calls.map((call) => Number(call.split(" ")[2]));
    const lost = fractions.reduce((sum, fraction) => sum + fraction * 2_500, 0);
    expect(fractions).toEqual([0.5, 0.3]);
    expect(lost).toBeLessThanOrEqual(2_000);
  });

  test("behavior: without collateral nothing is bid for, which is said once", async () => {
    const { liquidator, calls, lines } = world({ taker: async () => null });
    await liquidator.turn();
    await liquidator.turn();
    expect(calls).toEqual([]);
    expect(lines.filter(({ msg }) => msg.includes("no collateral"))).toHaveLength(1);
  });

  test("behavior: what it sold is left alone until the nodes tell of it, and a sale that they never see is forgotten", async () => {
    let book = bookOf("aa");
    const { liquidator, calls } = world({
      books: async () => [book],
      taker: async () => takerWith(1_000_000, book.epoch),
      auction: async () => ({ startedAt: 1, discountRate: whole / 5n }),
    });
    for (const epoch of [5, 6, 7]) {
      book = bookOf("aa", { epoch });
      await liquidator.turn();
    }
    expect(calls).toEqual(["take 1:aa 0.5"]);
    book = bookOf("aa", { epoch: 8, gross: usd(9_000) });
    await liquidator.turn();
    expect(calls).toHaveLength(2);
    book = { ...book, epoch: 12 };
    await liquidator.turn();
    expect(calls).toHaveLength(2);
    book = { ...book, epoch: 13 };
    await liquidator.turn();
    expect(calls).toHaveLength(3);
  });

  test("behavior: an auction whose account is not on the list any more is ended", async () => {
    const books = [[bookOf("aa")], [], []];
    const { liquidator, calls } = world({ books: async () => books.shift() ?? [] });
    for (let turn = 0; turn < 3; turn++) await liquidator.turn();
    expect(calls).toEqual(["start 1:aa", "end 1:aa"]);
  });

  test("behavior: insolvent books go to the backstop, and what it has no room for is closed against others", async () => {
    const room = () => Promise.reject(new AllotmentExceeded(accountOf("bb"), 1, 5n));
    const insolvent = async () => [bookOf("aa", { status: "insolvent" })];
    const some = world({
      books: insolvent,
      takeOver: async (_, fraction) => (fraction > whole / 4n ? room() : { ...spent, loss: usd(10) }),
    });
    await some.liquidator.turn();
    expect(some.calls).toEqual(["takeOver 1:aa 1", "takeOver 1:aa 0.5", "takeOver 1:aa 0.25"]);
    expect(some.told("taken-over")).toHaveLength(1);

    const none = world({ books: insolvent, takeOver: room });
    await none.liquidator.turn();
    expect(none.calls.slice(-2)).toEqual(["takeOver 1:aa 0.0625", "deleverage 1:aa 1"]);
    expect(none.told("deleveraged")).toHaveLength(1);

    const absent = world({
      books: insolvent,
      takeOver: () => Promise.reject(new NoBackstop("birch")),
      deleverage: async (_, fraction) => (fraction === whole ? refuse("MissingAccount")() : { ...spent, closed: 16 }),
    });
    await absent.liquidator.turn();
    expect(absent.calls).toEqual(["takeOver 1:aa 1", "deleverage 1:aa 1", "deleverage 1:aa 0.5"]);
  });

  test("behavior: an insolvent book of which all was taken is left until the next epoch", async () => {
    let epoch = 5;
    const { liquidator, calls } = world({ books: async () => [bookOf("aa", { status: "insolvent", epoch })] });
    await liquidator.turn();
    await liquidator.turn();
    expect(calls).toEqual(["takeOver 1:aa 1"]);
    epoch = 6;
    await liquidator.turn();
    expect(calls).toHaveLength(2);
  });

  test("behavior: an insolvent book that nobody can take is told", async () => {
    const problem = { status: 404, code: "no-queue", title: "", detail: "", type: "", hint: "" };
    const { liquidator, told, lines } = world({
      books: async () => [bookOf("aa", { status: "insolvent" })],
      takeOver: () => Promise.reject(new NoBackstop("birch")),
      deleverage: () => Promise.reject(new NodeProblem("http://node", problem)),
    });
    await liquidator.turn();
    expect(told("nobody")).toEqual([{ type: "nobody", chain: "birch" }]);
    expect(lines.some(({ level, msg }) => level === 40 && msg.includes("nobody"))).toBe(true);
  });

  test("behavior: a debt without positions goes to the backstop, and to nobody else", async () => {
    const debt = () => bookOf("aa", { status: "insolvent", positions: [], gross: 0n, owed: usd(100) });
    const taken = world({ books: async () => [debt()] });
    await taken.liquidator.turn();
    expect(taken.calls).toEqual(["takeOver 1:aa 1"]);
    const left = world({ books: async () => [debt()], takeOver: () => Promise.reject(new NoBackstop("birch")) });
    await left.liquidator.turn();
    expect(left.calls).toEqual(["takeOver 1:aa 1"]);
    expect(left.told("nobody")).toHaveLength(1);
  });

  test("behavior: a consumer at which nobody is liquidated is said once, and is no failure", async () => {
    const creditLine = bookOf("aa", { status: "insolvent", positions: [], gross: 0n, owed: usd(100) });
    const { liquidator, told, lines } = world({
      books: async () => [creditLine, bookOf("bb", { status: "insolvent", consumer: `0x${"b2".repeat(20)}` })],
      takeOver: async ({ market: at }) =>
        at === market ? Promise.reject(new NoLiquidation(market)) : { ...spent, loss: usd(10) },
    });
    await liquidator.turn();
    await liquidator.turn();
    expect(told("refused")).toEqual([]);
    expect(told("nobody")).toEqual([]);
    expect(told("taken-over")).toHaveLength(1);
    expect(lines.filter(({ msg }) => msg === "nobody is liquidated at this consumer")).toHaveLength(1);
  });

  test("behavior: what pays nothing is left to others where it is so configured", async () => {
    const books = [[bookOf("aa"), bookOf("bb", { status: "insolvent" })], []];
    const { liquidator, calls } = world({ books: async () => books.shift() ?? [] }, { unpaid: false });
    await liquidator.turn();
    await liquidator.turn();
    expect(calls).toEqual(["start 1:aa"]);
  });
});

describe("what goes wrong", () => {
  const running = { auction: async () => ({ startedAt: 1, discountRate: whole / 5n }) };

  test.each(["NotLiquidatable", "NothingToMove", "NoAuction"])(
    "behavior: a race lost by %s is nothing to warn of, and the next list decides",
    async (name) => {
      const { liquidator, calls, told, lines } = world({ ...running, take: refuse(name) });
      await liquidator.turn();
      await liquidator.turn();
      expect(calls).toEqual(["take 1:aa 0.5", "take 1:aa 0.5"]);
      expect(told("refused")).toMatchObject([{ because: "overtaken" }, { because: "overtaken" }]);
      expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
    },
  );

  test.each(["FractionTooLarge", "BelowTarget", "DiscountTooSmall"])(
    "behavior: after %s half of it is tried, until the next epoch",
    async (name) => {
      let epoch = 5;
      const { liquidator, calls, told } = world({
        ...running,
        books: async () => [bookOf("aa", { epoch })],
        take: refuse(name),
        taker: async () => takerWith(1_000_000, epoch),
      });
      await liquidator.turn();
      await liquidator.turn();
      epoch = 6;
      await liquidator.turn();
      expect(calls.map((call) => call.split(" ")[2])).toEqual(["0.5", "0.25", "0.5"]);
      expect(told("refused")).toMatchObject([
        { because: "too-much" },
        { because: "too-much" },
        { because: "too-much" },
      ]);
    },
  );

  test("behavior: an auction void for its age is none: it is started again", async () => {
    const rates: (Auction | null)[] = [{ startedAt: 1, discountRate: 0n }, null];
    const { liquidator, calls } = world({ auction: async () => rates.shift() ?? null });
    await liquidator.turn();
    await liquidator.turn();
    expect(calls).toEqual(["start 1:aa"]);
  });

  test("behavior: one chain's RPC is down: the others' books are sold, and its auctions ended later", async () => {
    let [isDown, isListed] = [false, true];
    const { liquidator, calls, told, lines } = world({
      books: async () => (isListed ? [bookOf("aa"), bookOf("bb", { eid: 2 })] : []),
      gasPriceWei: async (eid) => (isDown && eid === 1 ? rpcDown() : 10n ** 9n),
      end: async ({ eid }) => (isDown && eid === 1 ? rpcDown() : spent),
    });
    await liquidator.turn();
    expect(calls).toEqual(["start 1:aa", "start 2:bb"]);
    isDown = true;
    await liquidator.turn();
    expect(calls.slice(2)).toEqual(["take 2:bb 0.5"]);
    expect(told("refused")).toEqual([{ type: "refused", chain: "birch", because: "failed" }]);
    expect(lines.some(({ level, msg }) => level === 40 && msg === "book left")).toBe(true);
    isListed = false;
    await liquidator.turn();
    isDown = false;
    await liquidator.turn();
    await liquidator.turn();
    expect(calls.slice(3)).toEqual(["end 1:aa", "end 2:bb", "end 1:aa"]);
  });

  test("error: turn rejects where no node answers", async () => {
    const { liquidator } = world({ books: rpcDown });
    await expect(liquidator.turn()).rejects.toThrow("fetch failed");
  });
});

describe("run", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("default: a look every pollMs, until stopped", async () => {
    const { liquidator, told } = world({ books: async () => [] });
    const stopping = new AbortController();
    const running = liquidator.run(stopping.signal);
    await vi.advanceTimersByTimeAsync(6_500);
    stopping.abort();
    await running;
    expect(told("looked")).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("behavior: no node answers for a while", async () => {
    let asked = 0;
    const { liquidator, calls, told, lines } = world({
      books: () => (asked++ < 2 ? rpcDown() : Promise.resolve([bookOf("aa")])),
    });
    const stopping = new AbortController();
    const running = liquidator.run(stopping.signal);
    await vi.advanceTimersByTimeAsync(6_500);
    stopping.abort();
    await running;
    expect(told("blind")).toHaveLength(2);
    expect(lines.filter(({ msg }) => msg === "books not read")).toHaveLength(2);
    expect(calls).toEqual(["start 1:aa"]);
  });

  test("behavior: a chain that hangs holds up no other, and is given up after a minute with nonces begun anew", async () => {
    const { liquidator, calls, lines } = world({
      books: async () => [bookOf("aa"), bookOf("bb", { eid: 2 })],
      gasPriceWei: (eid) => (eid === 1 ? new Promise(() => {}) : Promise.resolve(10n ** 9n)),
    });
    const stopping = new AbortController();
    const running = liquidator.run(stopping.signal);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toEqual(["start 2:bb", "take 2:bb 0.5"]);
    await vi.advanceTimersByTimeAsync(51_000);
    expect(calls.slice(2)).toEqual(["reconnect"]);
    expect(lines.some(({ msg }) => msg === "chain given up for this turn")).toBe(true);
    stopping.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    await running;
  });

  test("behavior: stopped, it begins nothing more, and waits for what is under way", async () => {
    let settle = () => {};
    const many = Array.from({ length: 20 }, (_, i) => bookOf(String(i + 10)));
    const { liquidator, calls, told } = world({
      books: async () => many,
      start: () => new Promise((resolve) => (settle = () => resolve(spent))),
    });
    const stopping = new AbortController();
    let isOver = false;
    const running = liquidator.run(stopping.signal).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(10);
    expect(calls).toHaveLength(8);
    stopping.abort();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isOver).toBe(false);
    settle();
    // Seven of the eight never end: a minute is what they get.
    await vi.advanceTimersByTimeAsync(60_000);
    await running;
    expect(calls.filter((call) => call.startsWith("start"))).toHaveLength(8);
    expect(told("started")).toHaveLength(1);
  });
});
