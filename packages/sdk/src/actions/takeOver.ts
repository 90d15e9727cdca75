import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import { accountStatus } from "@plimsoll/protocol/epoch";
import type { AccountId, InstrumentId } from "@plimsoll/protocol/ids";
import type { Config } from "@wagmi/core";
import { encodeFunctionData } from "viem";
import { backstopOf } from "../chain/backstopOf.ts";
import {
  type BookParameters,
  type CallLiquidationErrorType,
  callLiquidation,
  type LiquidationReceipt,
  placeOf,
} from "../chain/callLiquidation.ts";
import { eventOf } from "../chain/eventOf.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import type { AllotmentExceeded, GrossLimitExceeded, MissingEvent } from "../errors/contract.ts";
import { NoBackstop } from "../errors/contract.ts";

export interface TakeOverParameters extends BookParameters {
  /** Of every active position, and of what is owed: 1e18 is all. */
  readonly fraction: bigint;
  /** With which cash moves where neither account holds any more: by default the first that has a leaf. */
  readonly instrument?: InstrumentId | undefined;
}

export interface TakeOverReturnType extends LiquidationReceipt {
  readonly backstop: AccountId;
  /** What the backstop paid beyond the mark, USD with 8 decimals. */
  readonly loss: bigint;
}

export type TakeOverErrorType =
  | NoBackstop
  | AllotmentExceeded
  | GrossLimitExceeded
  | MissingEvent
  | CallLiquidationErrorType;

/**
 * Has the market's backstop take a part of an insolvent account's book at mark, and pay what the account owes there
 * beyond what it has. Anybody may.
 *
 * @throws {NoBackstop} if the market has none
 * @throws {AllotmentExceeded} with the backstop as `account` if it has no room for so much: a smaller part may pass
 * @throws {GrossLimitExceeded} likewise
 * @throws {ContractRefused} with `errorName` "NotInsolvent" if the account is not, "NothingToMove", or
 * "NoInstrumentProven" if neither it nor the backstop holds anything, none was named, and none has a leaf
 * @throws {StaleProof} if epochs kept overtaking the proofs
 * @example
 * const { loss } = await takeOver(config, plimsoll, { eid: birch.eid, account, fraction: 10n ** 18n });
 */
export async function takeOver(
  config: Config,
  plimsoll: Plimsoll,
  parameters: TakeOverParameters,
): Promise<TakeOverReturnType> {
  const { account, fraction, instrument } = parameters;
  const { client, liquidation, chain } = await placeOf(config, plimsoll, parameters);
  const backstop = await backstopOf(client, liquidation);
  if (backstop === null) throw new NoBackstop(chain.name);
  const abi = marketLiquidationAbi;
  const sent = await callLiquidation(config, plimsoll, {
    ...parameters,
    others: [backstop],
    instruments: instrument === undefined ? [] : [instrument],
    cashNeedsOne: true,
    says: (status) => status === accountStatus.insolvent,
    data: (proofs) => encodeFunctionData({ abi, functionName: "takeOver", args: [account, fraction, proofs] }),
  });
  const { loss } = eventOf(sent.receipt, { abi, emitter: sent.liquidation, eventName: "TakenOver" });
  return { ...sent, backstop, loss };
}
