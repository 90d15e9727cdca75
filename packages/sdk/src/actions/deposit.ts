import { collateralVaultAbi as abi } from "@plimsoll/contracts/abi/CollateralVault";
import { makeAccountId, parseAccountId, parseAddress } from "@plimsoll/protocol/account";
import type { MalformedAccountId, MalformedAddress } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData, erc20Abi } from "viem";
import { readContract } from "viem/actions";
import { type DepositReceipt, type SendDepositErrorType, sendDeposit } from "../chain/sendDeposit.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import { InsufficientBalance, type WalletNotConnected } from "../errors/wallet.ts";
import { type ApproveCollateralErrorType, approveCollateral } from "./approveCollateral.ts";

export interface DepositParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  /** The ERC-20 token. */
  readonly asset: Address;
  /** In the token's own decimals. */
  readonly amount: bigint;
  /** The wallet's sub-account 0 by default. It need not be the wallet's. */
  readonly account?: AccountId | undefined;
  readonly connector?: Connector | undefined;
}

export type DepositReturnType = DepositReceipt;

export type DepositErrorType =
  | MalformedAccountId
  | MalformedAddress
  | UnknownChain
  | NoVault
  | WalletNotConnected
  | InsufficientBalance
  | ApproveCollateralErrorType
  | SendDepositErrorType;

/**
 * Puts collateral into a vault and reports it to the hub: approves the vault if needed, quotes the message's fee and
 * deposits. It counts once the message is delivered and an epoch has seen it; see `waitForMessage`, `waitForAccount`.
 *
 * @example
 * const { guid } = await deposit(config, plimsoll, { eid: alder.eid, asset: usdc, amount: parseUnits("1000", 6) });
 */
export async function deposit(
  config: Config,
  plimsoll: Plimsoll,
  parameters: DepositParameters,
): Promise<DepositReturnType> {
  const { eid, amount, connector } = parameters;
  const asset = parseAddress(parameters.asset);
  const chain = getChain(plimsoll.deployment, eid);
  const vault = getVault(plimsoll.deployment, eid);
  const wallet = await getWallet(config, connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));

  const client = await verifiedClient(config, chain);
  const held = await readContract(client, {
    abi: erc20Abi,
    address: asset,
    functionName: "balanceOf",
    args: [wallet.address],
  });
  if (held < amount) throw new InsufficientBalance(asset, held, amount);
  await approveCollateral(config, plimsoll, { eid, asset, amount, connector: wallet.connector });

  return await sendDeposit(config, plimsoll, {
    chain,
    vault,
    wallet,
    account,
    data: encodeFunctionData({ abi, functionName: "deposit", args: [account, asset, amount] }),
  });
}
