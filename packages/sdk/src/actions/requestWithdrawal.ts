import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { makeAccountId, parseAccountId, parseAddress } from "@plimsoll/protocol/account";
import type { MalformedAccountId, MalformedAddress } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData, type TransactionReceipt } from "viem";
import { eventOf } from "../chain/eventOf.ts";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { checkOwner, getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import type { NotAccountOwner, WalletNotConnected } from "../errors/wallet.ts";

export interface RequestWithdrawalParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  readonly asset: Address;
  /** In the token's own decimals; replaces an earlier open request. */
  readonly amount: bigint;
  /** The wallet's sub-account 0 by default. */
  readonly account?: AccountId | undefined;
  readonly connector?: Connector | undefined;
}

export interface RequestWithdrawalReturnType {
  readonly receipt: TransactionReceipt;
  /** Cumulative: what was already paid out plus the amount asked for. */
  readonly requestedTotal: bigint;
}

export type RequestWithdrawalErrorType =
  | MalformedAccountId
  | MalformedAddress
  | UnknownChain
  | NoVault
  | WalletNotConnected
  | NotAccountOwner
  | SendCallErrorType;

/**
 * Asks the operators to approve a payout to the account's owner. They approve all of it, in the first epoch in which
 * the account stays solvent without it; then `claimWithdrawal` pays.
 *
 * @throws {NotAccountOwner}
 * @example
 * await requestWithdrawal(config, plimsoll, { eid: alder.eid, asset: usdc, amount: parseUnits("250", 6) });
 */
export async function requestWithdrawal(
  config: Config,
  plimsoll: Plimsoll,
  parameters: RequestWithdrawalParameters,
): Promise<RequestWithdrawalReturnType> {
  const { eid, amount } = parameters;
  const asset = parseAddress(parameters.asset);
  const vault = getVault(plimsoll.deployment, eid);
  const wallet = await getWallet(config, parameters.connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));
  checkOwner(account, wallet);
  const receipt = await sendCall(config, {
    chain: getChain(plimsoll.deployment, eid),
    wallet,
    to: vault,
    data: encodeFunctionData({
      abi: collateralVaultAbi,
      functionName: "requestWithdrawal",
      args: [account, asset, amount],
    }),
  });
  const { requestedTotal } = eventOf(receipt, {
    abi: collateralVaultAbi,
    emitter: vault,
    eventName: "WithdrawalRequested",
  });
  return { receipt, requestedTotal };
}
