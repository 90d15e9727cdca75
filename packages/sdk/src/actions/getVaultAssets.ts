import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import type { Eid } from "@plimsoll/protocol/ids";
import type { Config } from "@wagmi/core";
import { type Address, erc20Abi } from "viem";
import { type ReadContractErrorType, readContract } from "viem/actions";
import { verifiedClient } from "../chain/verifiedClient.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import type { ChainNotConfigured, WrongChain } from "../errors/wallet.ts";

export interface GetVaultAssetsParameters {
  /** The vault's chain. */
  readonly eid: Eid;
}

export interface VaultAsset {
  readonly asset: Address;
  /** What the token calls itself. */
  readonly symbol: string;
  readonly decimals: number;
}

/** In the order in which they were listed. */
export type GetVaultAssetsReturnType = readonly VaultAsset[];
export type GetVaultAssetsErrorType = UnknownChain | NoVault | ChainNotConfigured | WrongChain | ReadContractErrorType;

/**
 * The tokens that a chain's vault takes.
 * @example
 * const assets = await getVaultAssets(config, plimsoll, { eid: alder.eid });
 * const usdc = assets.find(({ symbol }) => symbol === "USDC");
 */
export async function getVaultAssets(
  config: Config,
  plimsoll: Plimsoll,
  parameters: GetVaultAssetsParameters,
): Promise<GetVaultAssetsReturnType> {
  const { eid } = parameters;
  const vault = getVault(plimsoll.deployment, eid);
  const client = await verifiedClient(config, getChain(plimsoll.deployment, eid));
  const assets = await readContract(client, { abi: collateralVaultAbi, address: vault, functionName: "assets" });
  return Promise.all(
    assets.map(async (asset) => {
      const [symbol, decimals] = await Promise.all([
        readContract(client, { abi: erc20Abi, address: asset, functionName: "symbol" }),
        readContract(client, { abi: erc20Abi, address: asset, functionName: "decimals" }),
      ]);
      return { asset, symbol, decimals };
    }),
  );
}
