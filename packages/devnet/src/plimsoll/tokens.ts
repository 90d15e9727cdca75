import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { testTokenAbi } from "@plimsoll/contracts/abi/TestToken";
import { testTokenBytecode } from "@plimsoll/contracts/bytecode/TestToken";
import { type Address, encodeDeployData, encodeFunctionData } from "viem";
import type { TransactionBatch } from "../transactions.ts";
import { collateral, type UnderlyingName } from "./market-data.ts";

export interface Token {
  readonly symbol: (typeof collateral)[number]["symbol"];
  readonly underlying: UnderlyingName;
  readonly haircutBps: number;
  readonly depthE8: bigint;
  readonly address: Address;
  readonly decimals: number;
}

/**
 * Deploys the collateral tokens of one chain, lists them in its vault and gives some to the traders. Anyone may mint
 * more.
 *
 * @example
 * const tokens = deployTokens(batch, vault, [alice.address]);
 */
export function deployTokens(batch: TransactionBatch, vault: Address, traders: readonly Address[]): Token[] {
  return collateral.map((asset) => {
    const address = batch.deploy(
      asset.symbol,
      encodeDeployData({
        abi: testTokenAbi,
        bytecode: testTokenBytecode,
        args: [asset.title, asset.symbol, asset.decimals],
      }),
    );
    batch.call(
      `CollateralVault.listAsset(${asset.symbol})`,
      vault,
      encodeFunctionData({
        abi: collateralVaultAbi,
        functionName: "listAsset",
        args: [address, asset.outflowCapacity, asset.outflowRefillPerSecond],
      }),
    );
    for (const trader of traders) {
      batch.call(
        `${asset.symbol}.mint`,
        address,
        encodeFunctionData({ abi: testTokenAbi, functionName: "mint", args: [trader, asset.traderBalance] }),
      );
    }
    const { symbol, decimals, underlying, haircutBps, depthE8 } = asset;
    return { symbol, address, decimals, underlying, haircutBps, depthE8 };
  });
}
