import type { AccountAssetKey, AccountId, Eid } from "@plimsoll/protocol/ids";
import type { ConsumerWeight, CutBlock, LedgerTotals } from "@plimsoll/protocol/state";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { ledgerTotals, weights } from "../tables/collateral.ts";
import { at, rowsOf } from "./at.ts";

type Row = [vaultEid: Eid, account: AccountId, asset: Address, deposited: string, withdrawn: string];

/** What the ledger has on record, by vault eid. */
export function ledgerAt(database: Database, block: CutBlock): Map<Eid, Map<AccountAssetKey, LedgerTotals>> {
  const { vaultEid, account, asset, deposited, withdrawn } = ledgerTotals;
  const query = database.drizzle
    .select({ vaultEid, account, asset, deposited, withdrawn })
    .from(ledgerTotals)
    .where(at(ledgerTotals, block))
    .orderBy(vaultEid, account, asset);
  const ledger = new Map<Eid, Map<AccountAssetKey, LedgerTotals>>();
  for (const [vaultEid, account, asset, deposited, withdrawn] of rowsOf<Row>(database, query)) {
    const ofVault = ledger.get(vaultEid) ?? new Map<AccountAssetKey, LedgerTotals>();
    ledger.set(vaultEid, ofVault);
    ofVault.set(`${account}:${asset}`, { deposited: BigInt(deposited), withdrawn: BigInt(withdrawn) });
  }
  return ledger;
}

/** Only accounts whose owner has set some. */
export function weightsAt(database: Database, block: CutBlock): Map<AccountId, readonly ConsumerWeight[]> {
  const { account, list } = weights;
  const rows = database.drizzle
    .select({ account, list })
    .from(weights)
    .where(at(weights, block))
    .orderBy(account)
    .all();
  return new Map(rows.filter(({ list }) => list.length > 0).map(({ account, list }) => [account, list]));
}
