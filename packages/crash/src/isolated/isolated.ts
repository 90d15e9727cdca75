import { divUp, max, min, mulDown, mulUp, oneBps, oneE8 } from "@plimsoll/risk/fixed-point";

/** An instrument at one epoch: what its leaf says. USD with 8 decimals a unit. */
export interface Priced {
  readonly notional: bigint;
  readonly charge: bigint;
  /** One price a scenario; the first is the mark, net of funding. */
  readonly prices: ArrayLike<bigint>;
}

export type Market = ReadonlyMap<string, Priced>;

/** A position with margin of its own. */
export interface IsolatedPosition {
  readonly account: number;
  readonly instrument: string;
  /** Units with 8 decimals, negative for a short. */
  readonly size: bigint;
  /** Margin put up, and what was made or lost since: what it is worth at mark, charges left out. USD with 8 decimals. */
  readonly equity: bigint;
}

/** Terms on which isolated positions are liquidated. */
export interface IsolatedTerms {
  readonly maintenanceBps: number;
  /** A sale leaves maintenance margin and so much more covered. */
  readonly bufferBps: number;
  /** What a sale costs, of the notional sold. */
  readonly discountBps: number;
}

/** What became of a position by one step. USD with 8 decimals. */
export interface IsolatedStep {
  readonly position: IsolatedPosition;
  readonly sold: "none" | "part" | "whole";
  readonly discount: bigint;
  /** Owed by a position whose margin is gone. */
  readonly deficit: bigint;
}

/**
 * Divides an account's collateral among its positions by what each needs by itself, its own initial margin. Where there is
 * too little for all of them the rest is put in from outside: `added`. So nobody begins below initial margin.
 */
export function isolate(
  account: number,
  collateral: bigint,
  sizes: readonly { readonly instrument: string; readonly size: bigint }[],
  market: Market,
): { readonly positions: IsolatedPosition[]; readonly added: bigint } {
  const needs = sizes.map(({ instrument, size }) => {
    const priced = pricedOf(market, instrument);
    return { instrument, size, need: initialMargin(size, priced) + chargeOf(size, priced) };
  });
  const total = needs.reduce((sum, { need }) => sum + need, 0n);
  const all = max(collateral, total);
  const positions = needs.map(({ instrument, size, need }) => ({
    account,
    instrument,
    size,
    equity: total === 0n ? 0n : (all * need) / total,
  }));
  return { positions, added: max(0n, total - collateral) };
}

/**
 * Moves a position from one epoch's prices to the next one's. Below its own maintenance margin it is sold down, to the
 * largest size that its margin covers with the buffer; what has lost more than its margin is closed, and owes the rest.
 */
export function stepIsolated(
  position: IsolatedPosition,
  before: Market,
  now: Market,
  terms: IsolatedTerms,
): IsolatedStep {
  const { instrument, size } = position;
  const priced = pricedOf(now, instrument);
  const moved = (priced.prices[0] ?? 0n) - (pricedOf(before, instrument).prices[0] ?? 0n);
  const equity = position.equity + mulDown(size, moved);
  const nothing = { discount: 0n, deficit: 0n };
  if (size === 0n) return { position, sold: "none", ...nothing };
  const closed = { ...position, size: 0n };
  const base = equity - chargeOf(size, priced);
  if (base < 0n) {
    return { position: { ...closed, equity: max(0n, equity) }, sold: "whole", ...nothing, deficit: max(0n, -equity) };
  }
  const initial = initialMargin(size, priced);
  const maintenance = divUp(initial * BigInt(terms.maintenanceBps), oneBps);
  if (base >= maintenance) return { position: { ...position, equity }, sold: "none", ...nothing };
  const wanted = divUp(maintenance * (oneBps + BigInt(terms.bufferBps)), oneBps);
  const kept = (size * base) / wanted;
  const discount = min(equity, discountOf(size - kept, priced, terms));
  return {
    position: { ...position, size: kept, equity: equity - discount },
    sold: kept === 0n ? "whole" : "part",
    discount,
    deficit: 0n,
  };
}

/** The most that a position can lose from where it stands, rounded up. */
function initialMargin(size: bigint, { prices }: Priced): bigint {
  const values = Array.from(prices, (price) => size * price);
  const base = values[0] ?? 0n;
  return divUp(base - values.reduce((least, value) => min(least, value), base), oneE8);
}

const chargeOf = (size: bigint, { charge }: Priced): bigint => mulUp(size < 0n ? -size : size, charge);

function discountOf(size: bigint, { notional }: Priced, { discountBps }: IsolatedTerms): bigint {
  const hundredths = BigInt(Math.round(discountBps * 100));
  return divUp(mulUp(size < 0n ? -size : size, notional) * hundredths, oneBps * 100n);
}

function pricedOf(market: Market, instrument: string): Priced {
  const priced = market.get(instrument);
  if (priced === undefined) throw new RangeError(`no price of ${instrument}`);
  return priced;
}
