import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import { makeAccountId, parseAccountId } from "@plimsoll/protocol/account";
import { accountStatus } from "@plimsoll/protocol/epoch";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Config } from "@wagmi/core";
import { encodeFunctionData } from "viem";
import {
  type BookParameters,
  type CallLiquidationErrorType,
  callLiquidation,
  type LiquidationReceipt,
} from "../chain/callLiquidation.ts";
import { eventOf } from "../chain/eventOf.ts";
import { getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import type { AllotmentExceeded, GrossLimitExceeded, MissingEvent } from "../errors/contract.ts";

export interface LiquidateParameters extends BookParameters {
  /** Takes the positions. The wallet's sub-account 0 by default; the wallet owns it or may trade for it. */
  readonly taker?: AccountId | undefined;
  /** Of every active position: 1e18 is all. */
  readonly fraction: bigint;
  /** Below it nothing is taken, USD with 8 decimals. */
  readonly leastDiscount: bigint;
}

export interface LiquidateReturnType extends LiquidationReceipt {
  /** What the account paid the taker, USD with 8 decimals. */
  readonly discount: bigint;
}

export type LiquidateErrorType =
  | MalformedAccountId
  | AllotmentExceeded
  | GrossLimitExceeded
  | MissingEvent
  | CallLiquidationErrorType;

/**
 * Takes a part of a liquidatable account's book at mark less the auction's discount.
 *
 * @throws {AllotmentExceeded} with the taker as `account` if it has not the allotment for so much
 * @throws {GrossLimitExceeded} likewise
 * @throws {ContractRefused} with `errorName` "NoAuction" before one is started, "BelowTarget" or "FractionTooLarge" where
 * less may be sold, "DiscountTooSmall", "NotLiquidatable"
 * @throws {StaleProof} if epochs kept overtaking the proofs
 * @example
 * const { discount } = await liquidate(config, plimsoll, { eid, account, fraction: 5n * 10n ** 17n, leastDiscount: parseUsd("20") });
 */
export async function liquidate(
  config: Config,
  plimsoll: Plimsoll,
  parameters: LiquidateParameters,
): Promise<LiquidateReturnType> {
  const { account, fraction, leastDiscount, connector } = parameters;
  const taker = parseAccountId(parameters.taker ?? makeAccountId((await getWallet(config, connector)).address));
  const abi = marketLiquidationAbi;
  const sent = await callLiquidation(config, plimsoll, {
    ...parameters,
    others: [taker],
    says: (status) => status === accountStatus.liquidatable,
    data: (proofs) =>
      encodeFunctionData({
        abi,
        functionName: "liquidate",
        args: [account, taker, fraction, leastDiscount, proofs],
      }),
  });
  const { discount } = eventOf(sent.receipt, { abi, emitter: sent.liquidation, eventName: "Liquidated" });
  return { ...sent, discount };
}
