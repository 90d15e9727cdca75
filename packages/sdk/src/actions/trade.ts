import type { Config } from "@wagmi/core";
import type { Plimsoll } from "../createPlimsoll.ts";
import { MissingEvent } from "../errors/contract.ts";
import {
  type Filled,
  type OrderPair,
  type TradeBatchErrorType,
  type TradeBatchParameters,
  type TradeBatchReturnType,
  tradeBatch,
} from "./tradeBatch.ts";

export interface TradeParameters extends OrderPair, Omit<TradeBatchParameters, "fills"> {}

export interface TradeReturnType extends Filled, Omit<TradeBatchReturnType, "fills"> {}

export type TradeErrorType = TradeBatchErrorType | MissingEvent;

/**
 * Fills two signed orders against each other: a `tradeBatch` of one pair, and it throws what that throws.
 *
 * @throws {AllotmentExceeded} if an account would lose more in a scenario than it may on this chain
 * @throws {StaleProof} if epochs kept overtaking the proofs, or no node has the chain's newest
 * @throws {ContractRefused} for reasons without a class of their own, by the contract's name for them
 * @example
 * const { price, receipt } = await trade(config, plimsoll, { maker, taker, size: parseUsd("0.5") });
 */
export async function trade(config: Config, plimsoll: Plimsoll, parameters: TradeParameters): Promise<TradeReturnType> {
  const { maker, taker, size, ...rest } = parameters;
  const { fills, ...done } = await tradeBatch(config, plimsoll, { ...rest, fills: [{ maker, taker, size }] });
  const [filled] = fills;
  if (filled === undefined) throw new MissingEvent("Filled", done.receipt.transactionHash);
  return { ...done, ...filled };
}
