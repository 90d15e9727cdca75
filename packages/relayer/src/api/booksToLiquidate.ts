import { type Allotment, accountStatus, type Epoch, instrumentStatus } from "@plimsoll/protocol/epoch";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Portfolio, StateAtCut } from "@plimsoll/protocol/state";
import { statusName } from "@plimsoll/protocol/to-wire";
import type { AccountReport, ConsumerReport } from "@plimsoll/protocol/transition/account";
import type { AccountReports } from "@plimsoll/protocol/transition/account-reports";
import type { LiquidationJson } from "@plimsoll/protocol/wire";
import { abs, divDown, divUp, oneE8 } from "@plimsoll/risk/fixed-point";

/** Every book whose leaf says that it may be taken from its owner, ascending by chain, consumer and account. */
export function booksToLiquidate(state: StateAtCut, epoch: Epoch, reports: AccountReports): LiquidationJson[] {
  const books: LiquidationJson[] = [];
  for (const account of reports.toLiquidate) {
    const report = reports.get(account);
    for (const consumer of report?.consumers ?? []) {
      const portfolio = state.chains.get(consumer.eid)?.portfolios.get(consumer.consumer)?.get(account);
      const book = report && portfolio && bookOf(epoch, account, report, consumer, portfolio);
      if (book) books.push(book);
    }
  }
  return books.sort((a, b) => a.eid - b.eid || order(a.consumer, b.consumer) || order(a.account, b.account));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether the backstop has something to pay for an account that has nothing left to be sold. */
function owesTooMuch({ status, losses }: Allotment, cash: bigint): boolean {
  return status === accountStatus.insolvent && -cash > (losses[0] ?? 0n);
}

/** Null where its leaf says otherwise, or there is none, or nothing is held and nothing owed that others have to pay. */
function bookOf(
  { header, instruments }: Epoch,
  account: AccountId,
  { margin }: AccountReport,
  { eid, consumer, losses, allotment }: ConsumerReport,
  { cash, positions }: Portfolio,
): LiquidationJson | null {
  if (allotment === null || allotment.status < accountStatus.liquidatable) return null;
  if (positions.size === 0 && !owesTooMuch(allotment, cash)) return null;
  let grossE16 = 0n;
  let valueE16 = cash * oneE8;
  for (const [instrument, size] of positions) {
    const { notional = 0n, prices } = instruments.get(instrument) ?? {};
    grossE16 += abs(size) * notional;
    valueE16 += size * (prices?.[0] ?? 0n);
  }
  return {
    eid,
    consumer,
    account,
    epoch: header.epoch,
    status: statusName(allotment.status),
    base: margin.base.toString(),
    maintenanceMargin: margin.maintenanceMargin.toString(),
    cash: cash.toString(),
    positions: [...positions].map(([instrument, size]) => {
      const { mark = 0n, notional = 0n, status } = instruments.get(instrument) ?? {};
      return {
        instrument,
        size: size.toString(),
        mark: mark.toString(),
        notional: divUp(abs(size) * notional, oneE8).toString(),
        active: status === instrumentStatus.active,
      };
    }),
    gross: divUp(grossE16, oneE8).toString(),
    grossLimit: allotment.grossLimit.toString(),
    owed: (-divDown(valueE16, oneE8)).toString(),
    losses: Array.from(losses, String),
    allotment: Array.from(allotment.losses, String),
  };
}
