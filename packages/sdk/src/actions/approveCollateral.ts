import { parseAddress } from "@plimsoll/protocol/account";
import type { MalformedAddress } from "@plimsoll/protocol/errors";
import type { Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData, erc20Abi, type TransactionReceipt } from "viem";
import { readContract } from "viem/actions";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";

export interface ApproveCollateralParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  /** The ERC-20 token. */
  readonly asset: Address;
  /** In the token's own decimals. */
  readonly amount: bigint;
  readonly connector?: Connector | undefined;
}

/** Null where the vault was already allowed that much. */
export type ApproveCollateralReturnType = TransactionReceipt | null;
export type ApproveCollateralErrorType =
  | MalformedAddress
  | UnknownChain
  | NoVault
  | WalletNotConnected
  | SendCallErrorType;

/**
 * Allows the vault to take `amount` of `asset` from the wallet, and no more than that. `deposit` does it by itself.
 * @example
 * await approveCollateral(config, plimsoll, { eid: alder.eid, asset: usdc, amount: parseUnits("1000", 6) });
 */
export async function approveCollateral(
  config: Config,
  plimsoll: Plimsoll,
  parameters: ApproveCollateralParameters,
): Promise<ApproveCollateralReturnType> {
  const { eid, amount } = parameters;
  const asset = parseAddress(parameters.asset);
  const chain = getChain(plimsoll.deployment, eid);
  const vault = getVault(plimsoll.deployment, eid);
  const wallet = await getWallet(config, parameters.connector);
  const client = await verifiedClient(config, chain);
  const allowed = await readContract(client, {
    abi: erc20Abi,
    address: asset,
    functionName: "allowance",
    args: [wallet.address, vault],
  });
  if (allowed >= amount) return null;
  const approve = (value: bigint) =>
    sendCall(config, {
      chain,
      wallet,
      to: asset,
      data: encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [vault, value] }),
    });
  // Tether refuses to change an allowance that is neither zero before nor after.
  if (allowed > 0n) await approve(0n);
  return approve(amount);
}
