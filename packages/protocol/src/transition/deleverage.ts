import { oneE8 } from "@plimsoll/risk/fixed-point";
import { checkPortfolioChange } from "../consumer-check.ts";
import { type Allotment, instrumentStatus } from "../epoch.ts";
import type { AccountId, InstrumentId } from "../ids.ts";
import type { Portfolio } from "../state.ts";
import type { Consumer, Context } from "./context.ts";

/** So many stand in a queue for each instrument. */
const mostQueued = 32;

/** Among so many of the most profitable, those who can give up their position come before those who cannot. */
const mostAsked = 128;

/** Somebody who holds the other side of an insolvent account's position. */
interface Counterparty {
  readonly account: AccountId;
  readonly portfolio: Portfolio;
  /** What its book at the consumer is worth at mark, USD with 16 decimals: all cash there came from trading. */
  readonly profitE16: bigint;
}

/**
 * Against whom the positions of insolvent accounts at one consumer are closed where the backstop cannot take them.
 *
 * For each instrument that the account holds, the 32 most profitable holders of the opposite side at the cut; of all its
 * instruments one queue, the most profitable first, equal ones by account. A winner's position may be the hedge of what it
 * lost elsewhere: its leaf would not let it be closed, so it takes no place that somebody else could fill. An account
 * without a queue holds nothing there, or nobody holds the other side. What has settled pays out by itself.
 *
 * @param allotments The consumer's account leaves in this epoch.
 */
export function deleverageQueues(
  context: Context,
  { portfolios }: Consumer,
  allotments: ReadonlyMap<AccountId, Allotment>,
  insolvent: readonly AccountId[],
): Map<AccountId, readonly AccountId[]> {
  const opposite = new Map<Side, Counterparty[]>();
  const sidesOf = new Map<AccountId, readonly Side[]>();
  for (const account of insolvent) {
    const sides = [...(portfolios.get(account)?.positions ?? [])].flatMap(([id, size]) =>
      context.instruments.tradable.get(id)?.status === instrumentStatus.settled ? [] : [sideOf(id, -size)],
    );
    sidesOf.set(account, sides);
    for (const side of sides) opposite.set(side, []);
  }
  for (const [account, portfolio] of opposite.size > 0 ? portfolios : []) {
    let counterparty: Counterparty | undefined;
    for (const [id, size] of portfolio.positions) {
      const holders = opposite.get(sideOf(id, size));
      if (holders === undefined) continue;
      counterparty ??= { account, portfolio, profitE16: profitOf(context, portfolio) };
      holders.push(counterparty);
    }
  }
  for (const [side, holders] of opposite) opposite.set(side, firstOf(context, side, holders, allotments));

  const queues = new Map<AccountId, readonly AccountId[]>();
  for (const [account, sides] of sidesOf) {
    const all = new Set(sides.flatMap((side) => opposite.get(side) ?? []));
    if (all.size > 0)
      queues.set(
        account,
        [...all].sort(byProfit).map((counterparty) => counterparty.account),
      );
  }
  return queues;
}

/** One side of an instrument. */
type Side = `${InstrumentId}${"+" | "-"}`;
const sideOf = (id: InstrumentId, size: bigint): Side => `${id}${size < 0n ? "-" : "+"}`;
const instrumentOf = (side: Side) => side.slice(0, -1) as InstrumentId;

function profitOf({ instruments }: Context, { cash, positions }: Portfolio): bigint {
  let profitE16 = cash * oneE8;
  for (const [id, size] of positions) profitE16 += size * (instruments.all.get(id)?.prices[0] ?? 0n);
  return profitE16;
}

function byProfit(a: Counterparty, b: Counterparty): number {
  if (a.profitE16 !== b.profitE16) return a.profitE16 > b.profitE16 ? -1 : 1;
  return a.account < b.account ? -1 : 1;
}

function firstOf(
  context: Context,
  side: Side,
  holders: readonly Counterparty[],
  allotments: ReadonlyMap<AccountId, Allotment>,
): Counterparty[] {
  const asked = [...holders].sort(byProfit).slice(0, mostAsked);
  if (asked.length <= mostQueued) return asked;
  const able = asked.filter((one) => canClose(context, instrumentOf(side), one, allotments.get(one.account)));
  return [...new Set([...able, ...asked])].slice(0, mostQueued);
}

/** Whether its leaf lets all of the position be closed at the mark. */
function canClose(
  { instruments: { tradable }, scenarios }: Context,
  id: InstrumentId,
  { portfolio }: Counterparty,
  allotment: Allotment | undefined,
): boolean {
  if (allotment === undefined || ![...portfolio.positions.keys()].every((held) => tradable.has(held))) return false;
  const positions = new Map(portfolio.positions);
  const size = positions.get(id) ?? 0n;
  positions.delete(id);
  const paid = (size * (tradable.get(id)?.prices[0] ?? 0n)) / oneE8;
  const after = { cash: portfolio.cash + paid, positions };
  return checkPortfolioChange(portfolio, after, { epoch: 0, instruments: tradable, allotment, scenarios }).allowed;
}
