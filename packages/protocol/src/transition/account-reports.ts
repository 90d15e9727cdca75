import type { AccountId } from "../ids.ts";
import { type AccountReport, reportAccount } from "./account.ts";
import { makeAccountScratch } from "./compute-account.ts";
import type { Context } from "./context.ts";

/**
 * Every account's report, each computed when it is asked for: an epoch's root needs none of them.
 * @param accounts In the order in which they are gone through.
 */
export function lazyReports(context: Context, accounts: readonly AccountId[]): ReadonlyMap<AccountId, AccountReport> {
  const known = new Set(accounts);
  const scratch = makeAccountScratch(context);
  const report = (account: AccountId) => reportAccount(context, account, scratch);
  const reports: ReadonlyMap<AccountId, AccountReport> = {
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
