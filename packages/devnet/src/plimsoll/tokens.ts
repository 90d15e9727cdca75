import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { testTokenAbi } from "@plimsoll/contracts/abi/TestToken";
import { wrappedEtherAbi } from "@plimsoll/contracts/abi/WrappedEther";
import { testTokenBytecode } from "@plimsoll/contracts/bytecode/TestToken";
import { wrappedEtherBytecode } from "@plimsoll/contracts/bytecode/WrappedEther";
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
 * Deploys a chain's wrapped ether: whoever sends it ether gets as much.
 *
 * @example
 * const wrapped = deployWrappedEther(batch);
 */
export function deployWrappedEther(batch: TransactionBatch): Address {
  return batch.deploy("WrappedEther", encodeDeployData({ abi: wrappedEtherAbi, bytecode: wrappedEtherBytecode }));
}

/**
 * Deploys the collateral tokens of one chain, lists them in its vault, with the wrapped ether, and gives some to the
 * traders. Anyone may mint more, or wrap more ether.
 *
 * @example
 * const tokens = deployTokens(batch, vault, wrapped, [alice.address]);
 */
export function deployTokens(
  batch: TransactionBatch,
  vault: Address,
  wrapped: Address,
  traders: readonly Address[],
): Token[] {
  return collateral.map((asset) => {
    const { symbol, decimals, underlying, haircutBps, depthE8, traderBalance } = asset;
    const address = symbol === "WETH" ? wrapped : deployToken(batch, asset);
    batch.call(
      `CollateralVault.listAsset(${symbol})`,
      vault,
      encodeFunctionData({
        abi: collateralVaultAbi,
        functionName: "listAsset",
        args: [address, asset.outflowCapacity, asset.outflowRefillPerSecond],
      }),
    );
    for (const trader of traders) {
      if (symbol === "WETH") giveEther(batch, wrapped, trader, traderBalance);
      else {
        const args = [trader, traderBalance] as const;
        batch.call(`${symbol}.mint`, address, encodeFunctionData({ abi: testTokenAbi, functionName: "mint", args }));
      }
    }
    return { symbol, address, decimals, underlying, haircutBps, depthE8 };
  });
}

function deployToken(batch: TransactionBatch, { symbol, title, decimals }: (typeof collateral)[number]): Address {
  const args = [title, symbol, decimals] as const;
  return batch.deploy(symbol, encodeDeployData({ abi: testTokenAbi, bytecode: testTokenBytecode, args }));
}

/** Wraps the deployer's own. */
function giveEther(batch: TransactionBatch, wrapped: Address, trader: Address, amount: bigint): void {
  const abi = wrappedEtherAbi;
  batch.call("WETH.deposit", wrapped, encodeFunctionData({ abi, functionName: "deposit" }), amount);
  const transfer = encodeFunctionData({ abi, functionName: "transfer", args: [trader, amount] });
  batch.call("WETH.transfer", wrapped, transfer);
}
