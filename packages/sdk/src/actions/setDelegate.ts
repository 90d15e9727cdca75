import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { makeAccountId, parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData, type TransactionReceipt } from "viem";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { checkOwner, getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getMarket } from "../deployment.ts";
import type { MarketNotNamed, NoMarket, UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import type { NotAccountOwner, WalletNotConnected } from "../errors/wallet.ts";

export interface SetDelegateParameters {
  /** The market's chain. */
  readonly eid: Eid;
  /** The chain's only market by default. */
  readonly market?: Address | undefined;
  /** The wallet's sub-account 0 by default. */
  readonly account?: AccountId | undefined;
  readonly delegate: Address;
  /** Seconds since 1970; 0 revokes. */
  readonly untilSeconds: number;
  readonly connector?: Connector | undefined;
}

export type SetDelegateReturnType = TransactionReceipt;
export type SetDelegateErrorType =
  | MalformedAccountId
  | UnknownChain
  | NoMarket
  | MarketNotNamed
  | UnknownMarket
  | WalletNotConnected
  | NotAccountOwner
  | SendCallErrorType;

/**
 * Lets another key sign and cancel orders for an account on one market, until a time. It can never withdraw, but it can
 * lose everything in the account by trading badly: give it a sub-account of its own.
 * @throws {NotAccountOwner}
 * @example
 * await setDelegate(config, plimsoll, { eid: birch.eid, delegate: bot, untilSeconds: Date.now() / 1000 + 86_400 });
 */
export async function setDelegate(
  config: Config,
  plimsoll: Plimsoll,
  parameters: SetDelegateParameters,
): Promise<SetDelegateReturnType> {
  const { eid, delegate, untilSeconds } = parameters;
  const wallet = await getWallet(config, parameters.connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));
  checkOwner(account, wallet);
  return sendCall(config, {
    chain: getChain(plimsoll.deployment, eid),
    wallet,
    to: getMarket(plimsoll.deployment, eid, parameters.market),
    data: encodeFunctionData({
      abi: derivativeMarketAbi,
      functionName: "setDelegate",
      args: [account, delegate, BigInt(Math.floor(untilSeconds))],
    }),
  });
}
