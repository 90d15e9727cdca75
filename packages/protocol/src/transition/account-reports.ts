import type { AccountStatus } from "../epoch.ts";
import type { AccountId } from "../ids.ts";
import { type AccountReport, reportAccount } from "./account.ts";
import { makeAccountScratch } from "./compute-account.ts";
import type { Context } from "./context.ts";

/** Reports of every account with collateral or a portfolio, each computed when it is asked for, by account. */
export interface AccountReports extends ReadonlyMap<AccountId, AccountReport> {
  /** How many accounts have each status. */
  readonly counts: ReadonlyMap<AccountStatus, number>;
  /** Those that are liquidatable or insolvent, ascending. */
  readonly toLiquidate: readonly AccountId[];
}

/**
 * Every account's report, each computed when it is asked for: an epoch's root needs none of them.
 * @param accounts In the order in which they are gone through.
 * @param found What was found of all of them.
 */
export function lazyReports(
  context: Context,
  accounts: readonly AccountId[],
  found: Pick<AccountReports, "counts" | "toLiquidate">,
): AccountReports {
  const known = new Set(accounts);
  const scratch = makeAccountScratch(context);
  const report = (account: AccountId) => reportAccount(context, account, scratch);
  const reports: AccountReports = {
    ...found,
    size: known.size,
    has: (account) => known.has(account),
    get: (account) => (known.has(account) ? report(account) : undefined),
    keys: () => known.keys(),
    values: () => mapped(known, report),
    entries: () => mapped(known, (account) => [account, report(account)]),
    forEach: (callback) => {
      for (const account of known) callback(report(account), account, reports);
    },
    [Symbol.iterator]: () => reports.entries(),
  };
  return reports;
}

function* mapped<Item, Result>(items: Iterable<Item>, map: (item: Item) => Result): Generator<Result, undefined> {
  for (const item of items) yield map(item);
  return undefined;
}
