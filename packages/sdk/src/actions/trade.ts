import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import type { Config, Connector } from "@wagmi/core";
import { encodeFunctionData, type Hex, type TransactionReceipt } from "viem";
import { eventOf } from "../chain/eventOf.ts";
import { instrumentsToProve } from "../chain/instrumentsToProve.ts";
import { postedEpoch } from "../chain/postedEpoch.ts";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { getWallet, type Wallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getMarket } from "../deployment.ts";
import {
  type AllotmentExceeded,
  ContractRefused,
  type GrossLimitExceeded,
  type InstrumentReduceOnly,
  NoAllotment,
  OnlyReductionsAllowed,
  StaleProof,
  TransactionReverted,
} from "../errors/contract.ts";
import type { UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import { OrdersOfDifferentMarkets } from "../errors/input.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";
import { fetchTradeProofs } from "../node/fetchTradeProofs.ts";
import type { TradeProofs } from "../node/proofSchemas.ts";
import type { RequestNodeErrorType } from "../node/requestNode.ts";
import { pause } from "../poll.ts";
import type { SignedOrder } from "./signOrder.ts";

export interface TradeParameters {
  /** Filled at its limit price. */
  readonly maker: SignedOrder;
  readonly taker: SignedOrder;
  /** Units with 8 decimals, positive; at most what is left of either order. */
  readonly size: bigint;
  /** How often proofs are fetched if newer epochs overtake them; 4 by default. */
  readonly attempts?: number | undefined;
  /** Gas limit. Given, nothing is simulated first: a refusal is mined, and paid for. */
  readonly gas?: bigint | undefined;
  /** Pays for the transaction; need not be of either trader. */
  readonly connector?: Connector | undefined;
}

export interface TradeReturnType {
  readonly receipt: TransactionReceipt;
  /** USD a unit with 8 decimals. */
  readonly price: bigint;
  /** Units with 8 decimals. */
  readonly size: bigint;
  readonly makerOrder: Hex;
  readonly takerOrder: Hex;
  /** The epoch that both accounts were checked against. */
  readonly epoch: bigint;
  /** True where the epoch's attestation was sent along, for the chain had none so new. */
  readonly postedEpoch: boolean;
  /** How often proofs were fetched. */
  readonly attempts: number;
}

export type TradeErrorType =
  | AllotmentExceeded
  | GrossLimitExceeded
  | InstrumentReduceOnly
  | NoAllotment
  | OnlyReductionsAllowed
  | StaleProof
  | OrdersOfDifferentMarkets
  | UnknownChain
  | UnknownMarket
  | WalletNotConnected
  | RequestNodeErrorType
  | SendCallErrorType;

/**
 * Fills two signed orders against each other. Fetches the newest attested epoch's proofs for both accounts and every
 * instrument that either holds or trades, sends the attestation along if the chain has not got it, and simulates
 * before it sends. If a newer epoch is posted in between, it fetches again.
 *
 * @throws {AllotmentExceeded} if an account would lose more in a scenario than it may on this chain
 * @throws {GrossLimitExceeded}
 * @throws {InstrumentReduceOnly} if the instrument is reduce-only or settled and the trade does not close a position
 * @throws {NoAllotment} if an account has none on this market and the trade does not merely reduce
 * @throws {OnlyReductionsAllowed} if the chain's attestation has expired and no newer one is to be had
 * @throws {StaleProof} if epochs kept overtaking the proofs, or no node has the chain's newest
 * @throws {ContractRefused} for every other reason of the contract, by its name
 * @example
 * const { price, receipt } = await trade(config, plimsoll, { maker, taker, size: parseUsd("0.5") });
 */
export async function trade(config: Config, plimsoll: Plimsoll, parameters: TradeParameters): Promise<TradeReturnType> {
  const { maker, taker, size, gas, attempts = 4 } = parameters;
  if (maker.eid !== taker.eid || maker.market.toLowerCase() !== taker.market.toLowerCase()) {
    throw new OrdersOfDifferentMarkets(`${maker.market} on eid ${maker.eid}`, `${taker.market} on eid ${taker.eid}`);
  }
  const wallet = await getWallet(config, parameters.connector);
  for (let attempt = 1; ; attempt++) {
    try {
      return {
        ...(await tradeOnce(config, plimsoll, { maker, taker, size, gas, wallet, attempt })),
        attempts: attempt,
      };
    } catch (error) {
      if (attempt >= attempts || !canBeOvertaken(error, gas)) throw error;
      // The first repetition is at once: the newer epoch is most likely there. Later ones give the nodes time.
      if (attempt > 1) await pause(plimsoll.pollIntervalMilliseconds);
    }
  }
}

async function tradeOnce(
  config: Config,
  plimsoll: Plimsoll,
  parameters: {
    maker: SignedOrder;
    taker: SignedOrder;
    size: bigint;
    gas: bigint | undefined;
    wallet: Wallet;
    attempt: number;
  },
): Promise<Omit<TradeReturnType, "attempts">> {
  const { maker, taker, gas, wallet, attempt } = parameters;
  const chain = getChain(plimsoll.deployment, maker.eid);
  const market = getMarket(plimsoll.deployment, maker.eid, maker.market);
  const client = await verifiedClient(config, chain);
  const accounts = [maker.order.account, taker.order.account];
  const instruments = await instrumentsToProve(client, { market, accounts, instrument: maker.order.instrument });
  const { attestation, ...proofs } = await fetchTradeProofs(plimsoll, {
    eid: chain.eid,
    market,
    accounts,
    instruments,
    skip: attempt - 1,
  });
  const { epoch } = attestation.header;
  const posted = await postedEpoch(client, chain);
  if (posted > epoch) throw new StaleProof(epoch, posted);

  const fill = {
    maker: maker.order,
    makerSignature: maker.signature,
    taker: taker.order,
    takerSignature: taker.signature,
    size: parameters.size,
  };
  const abi = derivativeMarketAbi;
  const data =
    epoch > posted
      ? encodeFunctionData({ abi, functionName: "postAndTrade", args: [attestation, fill, proofs] })
      : encodeFunctionData({ abi, functionName: "trade", args: [fill, proofs] });
  const receipt = await sendCall(config, { chain, wallet, to: market, data, gas }).catch((cause: unknown) => {
    throw isWithoutAllotment(cause, proofs.accounts) ? new NoAllotment(cause.account, { cause }) : cause;
  });
  const { price, size, makerOrder, takerOrder } = eventOf(receipt, { abi, emitter: market, eventName: "Filled" });
  return { receipt, price, size, makerOrder, takerOrder, epoch, postedEpoch: epoch > posted };
}

/** Whether an account was held to reductions because it has no leaf, and not because the attestation has expired. */
function isWithoutAllotment(error: unknown, proven: TradeProofs["accounts"]): error is OnlyReductionsAllowed {
  return error instanceof OnlyReductionsAllowed && !proven.some(({ leaf }) => leaf.account === error.account);
}

/**
 * Refusals that fresh proofs may cure: an epoch or a position changed after the proofs were fetched. And a transaction
 * that ran out of gas, where the wallet estimated it: with the epoch as good as posted by an operator, and mined before
 * that, it had to post the epoch itself.
 */
function canBeOvertaken(error: unknown, gas: bigint | undefined): boolean {
  if (error instanceof StaleProof) return true;
  if (error instanceof TransactionReverted) return gas === undefined;
  return (
    error instanceof ContractRefused && ["AttestationExpired", "MissingInstrument"].includes(error.errorName ?? "")
  );
}
