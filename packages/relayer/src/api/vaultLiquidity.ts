import { assetOfKey } from "@plimsoll/protocol/chain-tree";
import type { Epoch } from "@plimsoll/protocol/epoch";
import type { StateAtCut } from "@plimsoll/protocol/state";
import type { VaultLiquidityJson } from "@plimsoll/protocol/wire";
import type { Address } from "viem";

interface Sums {
  held: bigint;
  requested: bigint;
  approved: bigint;
  exitable: bigint;
}

/**
 * What lies in every vault at an epoch's cut, by asset, beside what that epoch lets be claimed of it. Vaults never pay an
 * account more than was deposited for it, so `held` covers both.
 */
export function vaultLiquidity(state: StateAtCut, epoch: Epoch): VaultLiquidityJson[] {
  return [...state.chains.values()]
    .sort((a, b) => a.block.eid - b.block.eid)
    .flatMap(({ block: { eid }, vaultTotals }) => {
      const vault = state.hub.risk.vaults.get(eid);
      if (vault === undefined) return [];
      const byAsset = new Map<Address, Sums>();
      for (const [key, { deposited, withdrawn, requestedTotal }] of vaultTotals) {
        const asset = assetOfKey(key);
        const sums = byAsset.get(asset) ?? { held: 0n, requested: 0n, approved: 0n, exitable: 0n };
        byAsset.set(asset, sums);
        const { approvedTotal = 0n, exitTotal = 0n } = epoch.chains.get(eid)?.withdrawals.get(key) ?? {};
        sums.held += deposited - withdrawn;
        sums.requested += atLeastZero(requestedTotal - withdrawn);
        sums.approved += atLeastZero(approvedTotal - withdrawn);
        sums.exitable += atLeastZero(exitTotal - withdrawn);
      }
      return [...byAsset]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([asset, { held, requested, approved, exitable }]) => ({
          eid,
          vault,
          asset,
          decimals: state.hub.risk.assets.get(`${eid}:${asset}`)?.decimals ?? null,
          held: held.toString(),
          requested: requested.toString(),
          approved: approved.toString(),
          exitable: exitable.toString(),
        }));
    });
}

const atLeastZero = (value: bigint): bigint => (value > 0n ? value : 0n);
