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

export type StartAuctionParameters = BookParameters;
export type StartAuctionReturnType = LiquidationReceipt;
export type StartAuctionErrorType = CallLiquidationErrorType;

/**
 * Starts the clock by which the discount on a liquidatable account's book grows. Anybody may.
 *
 * @throws {ContractRefused} with `errorName` "AuctionUnderWay" if somebody has, "NotLiquidatable" if the account is not
 * @throws {StaleProof} if epochs kept overtaking the proofs
 * @example
 * for (const { eid, account } of await getLiquidations(plimsoll)) await startAuction(config, plimsoll, { eid, account });
 */
export function startAuction(
  config: Config,
  plimsoll: Plimsoll,
  parameters: StartAuctionParameters,
): Promise<StartAuctionReturnType> {
  return callLiquidation(config, plimsoll, {
    ...parameters,
    says: (status) => status === accountStatus.liquidatable,
    data: (proofs) =>
      encodeFunctionData({
        abi: marketLiquidationAbi,
        functionName: "startAuction",
        args: [parameters.account, proofs],
      }),
  });
}
