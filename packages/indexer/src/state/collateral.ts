import type { AccountAssetKey, AccountId } from "@plimsoll/protocol/ids";
import type { CutBlock, VaultTotals } from "@plimsoll/protocol/state";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { vaultTotals } from "../tables/collateral.ts";
import { at, rowsOf } from "./at.ts";

type Row = [account: AccountId, asset: Address, deposited: string, withdrawn: string, requestedTotal: string];

/** Totals of the chain's vault at the end of a block. */
export function collateralAt(database: Database, block: CutBlock): Map<AccountAssetKey, VaultTotals> {
  const { account, asset, deposited, withdrawn, requestedTotal } = vaultTotals;
  const query = database.drizzle
    .select({ account, asset, deposited, withdrawn, requestedTotal })
    .from(vaultTotals)
    .where(at(vaultTotals, block))
    .orderBy(account, asset);
  const totals = new Map<AccountAssetKey, VaultTotals>();
  for (const [account, asset, deposited, withdrawn, requested] of rowsOf<Row>(database, query)) {
    totals.set(`${account}:${asset}`, {
      deposited: BigInt(deposited),
      withdrawn: BigInt(withdrawn),
      requestedTotal: BigInt(requested),
    });
  }
  return totals;
}
