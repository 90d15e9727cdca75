import type { Config } from "@wagmi/core";
import type { Plimsoll } from "../createPlimsoll.ts";
import {
  type RequestWithdrawalErrorType,
  type RequestWithdrawalParameters,
  type RequestWithdrawalReturnType,
  requestWithdrawal,
} from "./requestWithdrawal.ts";

export type CancelWithdrawalParameters = Omit<RequestWithdrawalParameters, "amount">;
export type CancelWithdrawalReturnType = RequestWithdrawalReturnType;
export type CancelWithdrawalErrorType = RequestWithdrawalErrorType;

/**
 * Takes back an open request. What was approved before stays claimable.
 * @example
 * await cancelWithdrawal(config, plimsoll, { eid: alder.eid, asset: usdc });
 */
export async function cancelWithdrawal(
  config: Config,
  plimsoll: Plimsoll,
  parameters: CancelWithdrawalParameters,
): Promise<CancelWithdrawalReturnType> {
  return requestWithdrawal(config, plimsoll, { ...parameters, amount: 0n });
}
