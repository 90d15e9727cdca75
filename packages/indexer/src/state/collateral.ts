import type { AccountAssetKey, AccountId } from "@plimsoll/protocol/ids";
import type { CutBlock, VaultTotals } from "@plimsoll/protocol/state";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { vaultTotals } from "../tables/collateral.ts";
import { begunSince, type Known, rowsOf, withChanges } from "./at.ts";

type Row = [account: AccountId, asset: Address, deposited: string, withdrawn: string, requestedTotal: string];

/** Totals of the chain's vault at the end of a block. */
export function collateralAt(
  database: Database,
  block: CutBlock,
  known?: Known<AccountAssetKey, VaultTotals>,
): ReadonlyMap<AccountAssetKey, VaultTotals> {
  const { account, asset, deposited, withdrawn, requestedTotal } = vaultTotals;
  const query = database.drizzle
    .select({ account, asset, deposited, withdrawn, requestedTotal })
    .from(vaultTotals)
    .where(begunSince(vaultTotals, block, known))
    .orderBy(account, asset);
  const changes = rowsOf<Row>(database, query).map(
    ([account, asset, deposited, withdrawn, requested]): [AccountAssetKey, VaultTotals] => [
      `${account}:${asset}`,
      { deposited: BigInt(deposited), withdrawn: BigInt(withdrawn), requestedTotal: BigInt(requested) },
    ],
  );
  return withChanges(known, changes);
}
