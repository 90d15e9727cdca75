import { type AccountMargin, accountMargin } from "../account/account-margin.ts";
import { abs, mulUp } from "../fixed-point.ts";
import { applyTrade, type Situation, type TradeChange } from "./change.ts";
import { findNonNegative, type TradeKind, worstAfter } from "./trade-search.ts";

/** A trade that brings an account back to initial margin, with what it costs. USD with 8 decimals. */
export interface RestoringTrade {
  readonly trade: TradeChange;
  /** |size| times what a unit of the instrument is charged for getting out of it. */
  readonly cost: bigint;
  /** |size| times notional. */
  readonly notional: bigint;
  /** The engine's answer after the trade: `worst` is at least 0. */
  readonly after: AccountMargin;
}

/**
 * The cheapest single trade after which the worst scenario is worth at least 0, or `undefined` where none does that.
 *
 * For every candidate and either side the least size is searched to the eighth decimal (the worst value is concave in the size,
 * see `trade-search.ts`), at the mark or the price given; the cheapest wins, by cost and then by notional. Each
 * answer is the engine's own, run on the account after the trade. A healthy account needs none.
 *
 * It says nothing of who would take the other side, nor of the chain's allotment: a chain lets a reduce-only account make
 * trades that lower its loss in every scenario.
 *
 * @param candidates Instruments and where they could be traded. What is held, for one that may only reduce.
 * @throws {UnknownInMarket}
 * @example restoringTrade({ priced, account }, [{ chain: "birch", instrument: "BTC-PERP" }])?.trade.size
 */
export function restoringTrade(situation: Situation, candidates: readonly TradeKind[]): RestoringTrade | undefined {
  const { priced, account } = situation;
  if (accountMargin(priced, account).worst >= 0n) return undefined;
  let cheapest: RestoringTrade | undefined;
  for (const candidate of candidates) {
    for (const sign of [1n, -1n]) {
      const magnitude = leastRestoring((size) => worstAfter(situation, candidate, sign * size));
      if (magnitude === undefined) continue;
      const trade: TradeChange = { ...candidate, kind: "trade", size: sign * magnitude };
      const { charge, notional } = priced.instrument(candidate.instrument);
      const found: RestoringTrade = {
        trade,
        cost: mulUp(magnitude, charge),
        notional: mulUp(abs(trade.size), notional),
        after: accountMargin(priced, applyTrade(priced, account, trade)),
      };
      if (cheapest === undefined || isCheaper(found, cheapest)) cheapest = found;
    }
  }
  return cheapest;
}

function isCheaper(a: RestoringTrade, b: RestoringTrade): boolean {
  return a.cost < b.cost || (a.cost === b.cost && a.notional < b.notional);
}

/** The least magnitude at which the worst value is at least 0. */
function leastRestoring(worst: (magnitude: bigint) => bigint): bigint | undefined {
  const found = findNonNegative(worst);
  if (found === undefined) return undefined;
  let good: bigint = found;
  let bad = 0n;
  while (good - bad > 1n) {
    const middle = (good + bad) >> 1n;
    if (worst(middle) >= 0n) good = middle;
    else bad = middle;
  }
  return good;
}

/** All that an account holds, where it holds it: what it could trade while it may only reduce. */
export function heldInstruments({ account }: Situation): TradeKind[] {
  return account.chains.flatMap(({ chain, positions }) => positions.map(({ instrument }) => ({ chain, instrument })));
}
