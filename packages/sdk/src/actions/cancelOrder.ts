import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import type { Config, Connector } from "@wagmi/core";
import { encodeFunctionData, type TransactionReceipt } from "viem";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { checkMayTrade, getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getMarket } from "../deployment.ts";
import type { UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import type { NotAccountOwner, WalletNotConnected } from "../errors/wallet.ts";
import type { SignedOrder } from "./signOrder.ts";

export interface CancelOrderParameters {
  /** As signed; the signature itself is not needed. */
  readonly order: Omit<SignedOrder, "signature">;
  readonly connector?: Connector | undefined;
}

export type CancelOrderReturnType = TransactionReceipt;
export type CancelOrderErrorType =
  | UnknownChain
  | UnknownMarket
  | WalletNotConnected
  | NotAccountOwner
  | SendCallErrorType;

/**
 * Makes an order unfillable from the transaction's block on, whoever holds it.
 * @example
 * await cancelOrder(config, plimsoll, { order });
 */
export async function cancelOrder(
  config: Config,
  plimsoll: Plimsoll,
  parameters: CancelOrderParameters,
): Promise<CancelOrderReturnType> {
  const { eid, market, order } = parameters.order;
  const wallet = await getWallet(config, parameters.connector);
  const chain = getChain(plimsoll.deployment, eid);
  const to = getMarket(plimsoll.deployment, eid, market);
  await checkMayTrade(await verifiedClient(config, chain), { market: to, account: order.account, wallet });
  return sendCall(config, {
    chain,
    wallet,
    to,
    data: encodeFunctionData({ abi: derivativeMarketAbi, functionName: "cancel", args: [order] }),
  });
}
