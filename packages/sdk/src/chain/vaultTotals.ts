import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Address, Client } from "viem";
import { readContract } from "viem/actions";

/** Cumulative totals of one asset at a vault, in the token's own decimals: what was paid, and what was asked for. */
export async function vaultTotals(
  client: Client,
  parameters: { vault: Address; account: AccountId; asset: Address },
): Promise<{ withdrawnTotal: bigint; requestedTotal: bigint }> {
  const { vault: address, account, asset } = parameters;
  const [[, withdrawnTotal], requestedTotal] = await Promise.all([
    readContract(client, { abi: collateralVaultAbi, address, functionName: "totals", args: [account, asset] }),
    readContract(client, { abi: collateralVaultAbi, address, functionName: "requestedTotal", args: [account, asset] }),
  ]);
  return { withdrawnTotal, requestedTotal };
}
