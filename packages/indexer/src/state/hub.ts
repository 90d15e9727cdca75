import type { AccountAssetKey, AccountId, Eid } from "@plimsoll/protocol/ids";
import type { ConsumerWeight, CutBlock, LedgerTotals } from "@plimsoll/protocol/state";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { ledgerTotals, weights } from "../tables/collateral.ts";
import { begunSince, type Known, rowsOf, withChanges } from "./at.ts";

type Row = [vaultEid: Eid, account: AccountId, asset: Address, deposited: string, withdrawn: string];

/** What the ledger has on record, by vault eid. */
export function ledgerAt(
  database: Database,
  block: CutBlock,
  known?: Known<Eid, ReadonlyMap<AccountAssetKey, LedgerTotals>>,
): ReadonlyMap<Eid, ReadonlyMap<AccountAssetKey, LedgerTotals>> {
  const { vaultEid, account, asset, deposited, withdrawn } = ledgerTotals;
  const query = database.drizzle
    .select({ vaultEid, account, asset, deposited, withdrawn })
    .from(ledgerTotals)
    .where(begunSince(ledgerTotals, block, known))
    .orderBy(vaultEid, account, asset);
  const changes = new Map<Eid, [AccountAssetKey, LedgerTotals][]>();
  for (const [vaultEid, account, asset, deposited, withdrawn] of rowsOf<Row>(database, query)) {
    const ofVault = changes.get(vaultEid) ?? [];
    changes.set(vaultEid, ofVault);
    ofVault.push([`${account}:${asset}`, { deposited: BigInt(deposited), withdrawn: BigInt(withdrawn) }]);
  }
  const vaults = [...new Set([...(known?.values.keys() ?? []), ...changes.keys()])].sort((a, b) => a - b);
  return new Map(
    vaults.map((eid) => {
      const values = known?.values.get(eid);
      return [eid, withChanges(known && values && { block: known.block, values }, changes.get(eid) ?? [])];
    }),
  );
}

/** Only accounts whose owner has set some. */
export function weightsAt(
  database: Database,
  block: CutBlock,
  known?: Known<AccountId, readonly ConsumerWeight[]>,
): ReadonlyMap<AccountId, readonly ConsumerWeight[]> {
  const { account, list } = weights;
  const rows = database.drizzle
    .select({ account, list })
    .from(weights)
    .where(begunSince(weights, block, known))
    .orderBy(account)
    .all();
  return withChanges(
    known,
    rows.map(({ account, list }) => [account, list.length > 0 ? list : undefined] as const),
  );
}
