import { collateralVaultAbi as abi } from "@plimsoll/contracts/abi/CollateralVault";
import { makeAccountId, parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { encodeFunctionData } from "viem";
import { type DepositReceipt, type SendDepositErrorType, sendDeposit } from "../chain/sendDeposit.ts";
import { getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";

export interface DepositNativeParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  /** In wei. */
  readonly amount: bigint;
  /** The wallet's sub-account 0 by default. It need not be the wallet's. */
  readonly account?: AccountId | undefined;
  readonly connector?: Connector | undefined;
}

export type DepositNativeReturnType = DepositReceipt;
export type DepositNativeErrorType =
  | MalformedAccountId
  | UnknownChain
  | NoVault
  | WalletNotConnected
  | SendDepositErrorType;

/**
 * Puts ether, or whatever a chain's native currency is, into a vault, which wraps it: from then on it is collateral in
 * the chain's wrapped token, and is paid out as `setPayout` of the vault says. Nothing has to be approved. All else is as
 * in `deposit`.
 *
 * @throws {ContractRefused} with `errorName` "AssetNotListed" where the vault takes no native currency
 * @example
 * const { guid } = await depositNative(config, plimsoll, { eid: alder.eid, amount: parseEther("2") });
 */
export async function depositNative(
  config: Config,
  plimsoll: Plimsoll,
  parameters: DepositNativeParameters,
): Promise<DepositNativeReturnType> {
  const { eid, amount, connector } = parameters;
  const chain = getChain(plimsoll.deployment, eid);
  const vault = getVault(plimsoll.deployment, eid);
  const wallet = await getWallet(config, connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));
  const data = encodeFunctionData({ abi, functionName: "depositNative", args: [account, amount] });
  return await sendDeposit(config, plimsoll, { chain, vault, wallet, account, data, value: amount });
}
