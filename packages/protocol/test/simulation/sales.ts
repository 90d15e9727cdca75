import { divDown, divUp, max, min } from "@plimsoll/risk/fixed-point";
import { grossNotionalE16, portfolioValuesE16 } from "@plimsoll/risk/portfolio";
import { checkPortfolioChange } from "../../src/consumer-check.ts";
import { type Allotment, accountStatus, type InstrumentPrices, instrumentStatus } from "../../src/epoch.ts";
import { NoSuchLeaf, ProtocolError } from "../../src/errors.ts";
import type { AccountId, InstrumentId } from "../../src/ids.ts";
import type { Portfolio } from "../../src/state.ts";
import { oneUsd } from "./market.ts";
import type { Random } from "./random.ts";

// What `MarketLiquidation` does with the books of those below maintenance margin, rule for rule as far as safety hangs on it,
// in the hands of somebody who chooses whatever hurts most: who takes, how much, how late in the auction.

/** One consumer, and the posted epoch's leaves of it. */
export interface MarketAtEpoch {
  readonly books: ReadonlyMap<AccountId, Portfolio>;
  readonly leaves: ReadonlyMap<AccountId, Allotment>;
  readonly queues: ReadonlyMap<AccountId, readonly AccountId[]>;
  readonly epoch: number;
  readonly instruments: ReadonlyMap<InstrumentId, InstrumentPrices>;
  readonly scenarios: number;
}

export type SaleKind = "liquidation" | "takeover" | "deleveraging";

/** The books that a sale changed, as they are afterwards. */
export interface Sale {
  readonly kind: SaleKind;
  readonly account: AccountId;
  readonly changed: ReadonlyMap<AccountId, Portfolio>;
}

const all = 10n ** 18n;
/** As `MOST_DISCOUNT`, of 100. */
const mostDiscountPercent = 20;
/** As `DUST`, USD with 8 decimals. */
const dust = 1_000n * oneUsd;
const nothing: Portfolio = { cash: 0n, positions: new Map() };

/** Positions that one account gives to another, and the cash that it gets for them. */
interface Transfer {
  readonly sizes: ReadonlyMap<InstrumentId, bigint>;
  readonly cash: bigint;
}

/** A sale of some account's book that the contract lets through, or null. */
export function adversarialSale(random: Random, market: MarketAtEpoch, accounts: readonly AccountId[]): Sale | null {
  const sold = [...market.leaves].filter(([, { status }]) => status >= accountStatus.liquidatable);
  if (sold.length === 0) return null;
  const [account, leaf] = random.pick(sold);
  const book = market.books.get(account) ?? nothing;
  if (book.positions.size === 0 && book.cash >= 0n) return null;
  const fraction = random.chance(0.4) ? all : (all * BigInt(1 + random.below(100))) / 100n;
  try {
    const taker = random.pick(accounts.filter((other) => other !== account));
    if (leaf.status === accountStatus.liquidatable) return liquidate(random, market, account, taker, fraction);
    return random.chance(0.5) ? takeOver(market, account, taker, fraction) : deleverage(market, account, fraction);
  } catch (error) {
    // A position without a leaf: the contract reverts.
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/**
 * What a sale must not do, or null: change what all accounts are worth at mark; leave an insolvent account of which all was
 * taken owing more than its leaf says.
 */
export function faultOf(
  { kind, account, changed }: Sale,
  { books, leaves, instruments }: MarketAtEpoch,
): string | null {
  if (equityAtMark(books, instruments) !== equityAtMark(new Map([...books, ...changed]), instruments)) {
    return `a ${kind} changed what all accounts are worth at mark`;
  }
  const { cash, positions } = changed.get(account) ?? nothing;
  const owing = leaves.get(account)?.losses[0] ?? 0n;
  const isClosed = (books.get(account) ?? nothing).positions.size > 0 && positions.size === 0;
  return kind !== "liquidation" && isClosed && cash < -owing ? `a ${kind} left ${-cash} owing, not ${owing}` : null;
}

/** What all books at the consumer are worth at mark, USD with 16 decimals. */
function equityAtMark(
  books: ReadonlyMap<AccountId, Portfolio>,
  instruments: ReadonlyMap<InstrumentId, InstrumentPrices>,
): bigint {
  let equityE16 = 0n;
  for (const book of books.values()) equityE16 += markE16(book, instruments);
  return equityE16;
}

/** `MarketAuctions.liquidate`. */
function liquidate(
  random: Random,
  market: MarketAtEpoch,
  account: AccountId,
  taker: AccountId,
  fraction: bigint,
): Sale | null {
  const book = market.books.get(account) ?? nothing;
  const leaf = market.leaves.get(account) as Allotment;
  const sale = atMark(market, part(market, book, fraction, true));
  if (sale.sizes.size === 0) return null;
  const left = given(book, sale);
  const target = grossNotionalE16(holdingsOf(market, book)) > dust * oneUsd ? leaf.grossLimit * oneUsd : 0n;
  if (grossNotionalE16(holdingsOf(market, left)) < target) return null;
  const risk = valuesOf(market, { cash: 0n, positions: sale.sizes });
  const worst = risk.reduce(min);
  const rate = random.chance(0.5) ? mostDiscountPercent : random.below(mostDiscountPercent + 1);
  const wanted = (((risk[0] ?? 0n) - worst) * BigInt(rate)) / (100n * oneUsd);
  const room = roomOf(market, leaf, book, left);
  if (room < 0n) return null;
  const discounted = { ...sale, cash: sale.cash - min(wanted, room) };
  return exchange("liquidation", market, account, taker, discounted);
}

/** How much the account can pay and be within its allotment, or no worse than before, in every scenario. */
function roomOf(market: MarketAtEpoch, leaf: Allotment, book: Portfolio, left: Portfolio): bigint {
  const before = valuesOf(market, book);
  return valuesOf(market, left)
    .map((value, s) => divDown(value - min(before[s] ?? 0n, -(leaf.losses[s] ?? 0n) * oneUsd), oneUsd))
    .reduce(min);
}

/** `MarketBackstop.takeOver`, with anybody as the backstop. */
function takeOver(market: MarketAtEpoch, account: AccountId, backstop: AccountId, fraction: bigint): Sale | null {
  const book = market.books.get(account) ?? nothing;
  const taken = atMark(market, part(market, book, fraction, true));
  const loss = divUp(divUp(owedE16(market, account) * fraction, all), oneUsd);
  if (taken.sizes.size === 0 && loss === 0n) return null;
  return exchange("takeover", market, account, backstop, { ...taken, cash: taken.cash + loss });
}

/** `MarketDeleveraging.deleverage`, without a backstop. */
function deleverage(market: MarketAtEpoch, account: AccountId, fraction: bigint): Sale | null {
  const book = market.books.get(account) ?? nothing;
  const wanted = new Map(part(market, book, fraction, false));
  const owed = divUp(owedE16(market, account), oneUsd);
  const grossE16 = grossNotionalE16(holdingsOf(market, book));
  const changed = new Map<AccountId, Portfolio>();
  let left = book;
  let closedE16 = 0n;
  let paid = 0n;
  for (const counterparty of market.queues.get(account) ?? []) {
    const held = market.books.get(counterparty) ?? nothing;
    const sizes = opposite(wanted, held);
    if (sizes.size === 0) continue;
    const closedThen = closedE16 + grossNotionalE16(holdingsOf(market, { cash: 0n, positions: sizes }));
    const share = divUp(owed * closedThen, grossE16) - paid;
    const mark = atMark(market, sizes);
    const piece = { ...mark, cash: mark.cash + share };
    const after = taken(held, piece);
    if (!allows(market, counterparty, held, after, false)) continue;
    for (const [id, size] of sizes) wanted.set(id, (wanted.get(id) ?? 0n) - size);
    left = given(left, piece);
    closedE16 = closedThen;
    paid += share;
    changed.set(counterparty, after);
  }
  if (changed.size === 0 || !allows(market, account, book, left, true)) return null;
  return { kind: "deleveraging", account, changed: changed.set(account, left) };
}

/** What moves from one to the other, if both may. */
function exchange(
  kind: SaleKind,
  market: MarketAtEpoch,
  account: AccountId,
  taker: AccountId,
  transfer: Transfer,
): Sale | null {
  const [book, theirs] = [market.books.get(account) ?? nothing, market.books.get(taker) ?? nothing];
  const [left, grown] = [given(book, transfer), taken(theirs, transfer)];
  if (!allows(market, account, book, left, kind === "takeover") || !allows(market, taker, theirs, grown, false)) {
    return null;
  }
  return { kind, account, changed: new Map([[account, left]]).set(taker, grown) };
}

function allows(market: MarketAtEpoch, account: AccountId, before: Portfolio, after: Portfolio, seized: boolean) {
  const allotment = market.leaves.get(account) ?? null;
  return checkPortfolioChange(before, after, { ...market, allotment, seized }).allowed;
}

/** What the account owes at mark beyond what it may be left owing. */
function owedE16(market: MarketAtEpoch, account: AccountId): bigint {
  const allotted = market.leaves.get(account)?.losses[0] ?? 0n;
  return max(0n, -markE16(market.books.get(account) ?? nothing, market.instruments) - allotted * oneUsd);
}

function part(
  { instruments }: MarketAtEpoch,
  { positions }: Portfolio,
  fraction: bigint,
  onlyActive: boolean,
): Map<InstrumentId, bigint> {
  const sizes = [...positions].map(([id, size]) => {
    const moves = !onlyActive || instruments.get(id)?.status === instrumentStatus.active;
    return [id, moves ? (size * fraction) / all : 0n] as const;
  });
  return new Map(sizes.filter(([, size]) => size !== 0n));
}

function opposite(wanted: ReadonlyMap<InstrumentId, bigint>, { positions }: Portfolio): Map<InstrumentId, bigint> {
  const sizes = [...wanted].map(([id, size]) => {
    const held = positions.get(id) ?? 0n;
    if (size > 0n && held < 0n) return [id, min(size, -held)] as const;
    return [id, size < 0n && held > 0n ? max(size, -held) : 0n] as const;
  });
  return new Map(sizes.filter(([, size]) => size !== 0n));
}

/** The cash for each rounded in favour of the one who gives. */
function atMark({ instruments }: MarketAtEpoch, sizes: ReadonlyMap<InstrumentId, bigint>): Transfer {
  let cash = 0n;
  for (const [id, size] of sizes) cash += divUp(size * (instruments.get(id)?.prices[0] ?? 0n), oneUsd);
  return { sizes, cash };
}

const given = (book: Portfolio, { sizes, cash }: Transfer) => moved(book, sizes, -1n, cash);
const taken = (book: Portfolio, { sizes, cash }: Transfer) => moved(book, sizes, 1n, -cash);

function moved(book: Portfolio, sizes: Transfer["sizes"], sign: bigint, cash: bigint): Portfolio {
  const positions = new Map(book.positions);
  for (const [id, size] of sizes) {
    const left = (positions.get(id) ?? 0n) + sign * size;
    if (left === 0n) positions.delete(id);
    else positions.set(id, left);
  }
  return { cash: book.cash + cash, positions };
}

function markE16({ cash, positions }: Portfolio, instruments: MarketAtEpoch["instruments"]): bigint {
  let valueE16 = cash * oneUsd;
  for (const [id, size] of positions) valueE16 += size * (instruments.get(id)?.prices[0] ?? 0n);
  return valueE16;
}

function valuesOf(market: MarketAtEpoch, book: Portfolio): bigint[] {
  return portfolioValuesE16(book.cash, holdingsOf(market, book), market.scenarios);
}

function holdingsOf({ instruments, epoch }: MarketAtEpoch, { positions }: Portfolio) {
  return Array.from(positions, ([id, size]) => {
    const instrument = instruments.get(id);
    if (instrument === undefined) throw new NoSuchLeaf(`instrument ${id}`, epoch);
    return { size, instrument };
  });
}
