import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import { accountStatus } from "@plimsoll/protocol/epoch";
import type { Config } from "@wagmi/core";
import { encodeFunctionData } from "viem";
import {
  type BookParameters,
  type CallLiquidationErrorType,
  callLiquidation,
  type LiquidationReceipt,
} from "../chain/callLiquidation.ts";
import type { Plimsoll } from "../createPlimsoll.ts";

export type EndAuctionParameters = BookParameters;
export type EndAuctionReturnType = LiquidationReceipt;
export type EndAuctionErrorType = CallLiquidationErrorType;

/**
 * Stops the auction of an account that has recovered, so that another one begins at no discount. Anybody may.
 *
 * @throws {ContractRefused} with `errorName` "StillLiquidatable" if it has not, "NoAuction" if there is none
 * @throws {StaleProof} if epochs kept overtaking the proofs
 * @example
 * await endAuction(config, plimsoll, { eid: birch.eid, account });
 */
export function endAuction(
  config: Config,
  plimsoll: Plimsoll,
  parameters: EndAuctionParameters,
): Promise<EndAuctionReturnType> {
  return callLiquidation(config, plimsoll, {
    ...parameters,
    says: (status) => status < accountStatus.liquidatable,
    data: (proofs) =>
      encodeFunctionData({ abi: marketLiquidationAbi, functionName: "endAuction", args: [parameters.account, proofs] }),
  });
}
