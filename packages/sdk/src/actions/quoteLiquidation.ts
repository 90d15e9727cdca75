import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import { accountStatus } from "@plimsoll/protocol/epoch";
import type { Config } from "@wagmi/core";
import { readContract } from "viem/actions";
import {
  type BookParameters,
  type CallLiquidationErrorType,
  placeOf,
  withBookProofs,
} from "../chain/callLiquidation.ts";
import { decodeRevert } from "../chain/decodeRevert.ts";
import type { Plimsoll } from "../createPlimsoll.ts";

export interface QuoteLiquidationParameters extends BookParameters {
  /** Of every active position: 1e18 is all. */
  readonly fraction: bigint;
}

export interface QuoteLiquidationReturnType {
  /** What the account would pay the taker now, USD with 8 decimals. */
  readonly discount: bigint;
  readonly epoch: bigint;
}

export type QuoteLiquidationErrorType = CallLiquidationErrorType;

/**
 * What `liquidate` would pay now. It does not look at whether the taker may take so much.
 *
 * @throws {ContractRefused} with `errorName` "NoAuction" before one is started, "BelowTarget" or "FractionTooLarge" where
 * less may be sold, "NotLiquidatable" if the account is not
 * @throws {StaleProof} if epochs kept overtaking the proofs
 * @example
 * const { discount } = await quoteLiquidation(config, plimsoll, { eid: birch.eid, account, fraction: 10n ** 18n });
 */
export async function quoteLiquidation(
  config: Config,
  plimsoll: Plimsoll,
  parameters: QuoteLiquidationParameters,
): Promise<QuoteLiquidationReturnType> {
  const { account, fraction } = parameters;
  const place = await placeOf(config, plimsoll, parameters);
  const says = (status: number) => status === accountStatus.liquidatable;
  return withBookProofs(config, plimsoll, { ...parameters, place, says }, async ({ attestation, ...proofs }) => {
    try {
      const discount = await readContract(place.client, {
        abi: marketLiquidationAbi,
        address: place.liquidation,
        functionName: "quote",
        args: [account, fraction, proofs],
      });
      return { discount, epoch: attestation.header.epoch };
    } catch (error) {
      throw decodeRevert(error) ?? error;
    }
  });
}
