import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { makeAccountId, parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData, type TransactionReceipt } from "viem";
import { eventOf } from "../chain/eventOf.ts";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { checkMayTrade, getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getMarket } from "../deployment.ts";
import type { MarketNotNamed, NoMarket, UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import type { NotAccountOwner, WalletNotConnected } from "../errors/wallet.ts";

export interface CancelAllOrdersParameters {
  /** The market's chain. */
  readonly eid: Eid;
  /** The chain's only market by default. */
  readonly market?: Address | undefined;
  /** The wallet's sub-account 0 by default. */
  readonly account?: AccountId | undefined;
  readonly connector?: Connector | undefined;
}

export interface CancelAllOrdersReturnType {
  readonly receipt: TransactionReceipt;
  /** The series that orders have to name from now on; `signOrder` reads it from the market. */
  readonly series: bigint;
}

export type CancelAllOrdersErrorType =
  | MalformedAccountId
  | UnknownChain
  | NoMarket
  | MarketNotNamed
  | UnknownMarket
  | WalletNotConnected
  | NotAccountOwner
  | SendCallErrorType;

/**
 * Makes every order that the account signed for one market unfillable, seen by others or not. Other markets' orders stay.
 * @throws {NotAccountOwner} if the wallet neither owns the account nor may trade for it
 * @example
 * await cancelAllOrders(config, plimsoll, { eid: birch.eid });
 */
export async function cancelAllOrders(
  config: Config,
  plimsoll: Plimsoll,
  parameters: CancelAllOrdersParameters,
): Promise<CancelAllOrdersReturnType> {
  const chain = getChain(plimsoll.deployment, parameters.eid);
  const market = getMarket(plimsoll.deployment, parameters.eid, parameters.market);
  const wallet = await getWallet(config, parameters.connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));
  await checkMayTrade(await verifiedClient(config, chain), { market, account, wallet });
  const abi = derivativeMarketAbi;
  const data = encodeFunctionData({ abi, functionName: "cancelAll", args: [account] });
  const receipt = await sendCall(config, { chain, wallet, to: market, data });
  const { series } = eventOf(receipt, { abi, emitter: market, eventName: "SeriesBegun" });
  return { receipt, series };
}
