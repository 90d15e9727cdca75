import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import type { Config, Connector } from "@wagmi/core";
import { encodeFunctionData, type Hex, parseEventLogs, size, type TransactionReceipt } from "viem";
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
} from "../errors/contract.ts";
import type { UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import { NoFills, OrdersOfDifferentMarkets } from "../errors/input.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";
import { fetchTradeProofs } from "../node/fetchTradeProofs.ts";
import type { TradeProofs } from "../node/proofSchemas.ts";
import type { RequestNodeErrorType } from "../node/requestNode.ts";
import { pause } from "../poll.ts";
import type { SignedOrder } from "./signOrder.ts";

/** Two orders to be filled against each other. */
export interface OrderPair {
  /** Filled at its limit price. */
  readonly maker: SignedOrder;
  readonly taker: SignedOrder;
  /** Units with 8 decimals, positive; at most what is left of either order. */
  readonly size: bigint;
}

export interface TradeBatchParameters {
  /** All on one market; filled in this order, all or none. */
  readonly fills: readonly OrderPair[];
  /** How often proofs are fetched if newer epochs overtake them; 4 by default. */
  readonly attempts?: number | undefined;
  /** Gas limit. Given, nothing is simulated first: a refusal is mined, and paid for. */
  readonly gas?: bigint | undefined;
  /** Pays for the transaction; need not be of any trader. */
  readonly connector?: Connector | undefined;
}

/** What one pair of orders came to. */
export interface Filled {
  /** USD a unit with 8 decimals. */
  readonly price: bigint;
  /** Units with 8 decimals. */
  readonly size: bigint;
  readonly makerOrder: Hex;
  readonly takerOrder: Hex;
  /** USD with 8 decimals; a negative fee was received. */
  readonly makerFee: bigint;
  readonly takerFee: bigint;
}

export interface TradeBatchReturnType {
  readonly receipt: TransactionReceipt;
  readonly fills: readonly Filled[];
  /** The epoch that all accounts were checked against. */
  readonly epoch: bigint;
  /** True where the epoch's attestation was sent along, for the chain had none so new. */
  readonly postedEpoch: boolean;
  /** How often proofs were fetched. */
  readonly attempts: number;
}

export type TradeBatchErrorType =
  | AllotmentExceeded
  | GrossLimitExceeded
  | InstrumentReduceOnly
  | NoAllotment
  | OnlyReductionsAllowed
  | StaleProof
  | OrdersOfDifferentMarkets
  | NoFills
  | UnknownChain
  | UnknownMarket
  | WalletNotConnected
  | RequestNodeErrorType
  | SendCallErrorType;

/**
 * Fills pairs of signed orders of one market, all or none, with one set of proofs. Every account is checked once, against
 * what the batch comes to. Fetches the newest attested epoch's proofs, sends the attestation along if the chain has not
 * got it, and simulates before it sends. If a newer epoch is posted in between, it fetches again.
 *
 * @throws {AllotmentExceeded} if an account would lose more in a scenario than it may on this chain
 * @throws {GrossLimitExceeded}
 * @throws {InstrumentReduceOnly} if the price of an instrument is uncertain, or it has expired, and a fill opens or grows
 * @throws {NoAllotment} if an account has none on this market and the trade does not merely reduce
 * @throws {OnlyReductionsAllowed} if the chain's attestation has expired and no newer one is to be had
 * @throws {StaleProof} if epochs kept overtaking the proofs, or no node has the chain's newest
 * @throws {NoFills}
 * @throws {OrdersOfDifferentMarkets}
 * @throws {ContractRefused} for every other reason of the contract, by its name
 * @example
 * const { fills } = await tradeBatch(config, plimsoll, { fills: makers.map((maker) => ({ maker, taker, size })) });
 */
export async function tradeBatch(
  config: Config,
  plimsoll: Plimsoll,
  parameters: TradeBatchParameters,
): Promise<TradeBatchReturnType> {
  const { fills, gas, attempts = 4 } = parameters;
  const first = checkOneMarket(fills);
  const wallet = await getWallet(config, parameters.connector);
  for (let attempt = 1; ; attempt++) {
    try {
      return { ...(await tradeOnce(config, plimsoll, { fills, first, gas, wallet, attempt })), attempts: attempt };
    } catch (error) {
      if (attempt >= attempts || !canBeOvertaken(error)) throw error;
      // The first repetition is at once: the newer epoch is most likely there. Later ones give the nodes time.
      if (attempt > 1) await pause(plimsoll.pollIntervalMilliseconds);
    }
  }
}

function checkOneMarket(fills: readonly OrderPair[]): SignedOrder {
  const [first, ...others] = fills.flatMap(({ maker, taker }) => [maker, taker]);
  if (first === undefined) throw new NoFills();
  for (const { eid, market } of others) {
    if (eid === first.eid && market.toLowerCase() === first.market.toLowerCase()) continue;
    throw new OrdersOfDifferentMarkets(`${first.market} on eid ${first.eid}`, `${market} on eid ${eid}`);
  }
  return first;
}

async function tradeOnce(
  config: Config,
  plimsoll: Plimsoll,
  parameters: {
    fills: readonly OrderPair[];
    first: SignedOrder;
    gas: bigint | undefined;
    wallet: Wallet;
    attempt: number;
  },
): Promise<Omit<TradeBatchReturnType, "attempts">> {
  const { fills, first, gas, wallet, attempt } = parameters;
  const chain = getChain(plimsoll.deployment, first.eid);
  const market = getMarket(plimsoll.deployment, first.eid, first.market);
  const client = await verifiedClient(config, chain);
  const accounts = [...new Set(fills.flatMap(({ maker, taker }) => [maker.order.account, taker.order.account]))];
  const traded = fills.map(({ maker }) => maker.order.instrument);
  const instruments = await instrumentsToProve(client, { market, accounts, instruments: traded });
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

  const pairs = fills.map(({ maker, taker, size }) => ({
    maker: maker.order,
    makerSignature: maker.signature,
    taker: taker.order,
    takerSignature: taker.signature,
    size,
  }));
  const abi = derivativeMarketAbi;
  const posts = epoch > posted;
  const data = posts
    ? encodeFunctionData({ abi, functionName: "postAndTrade", args: [attestation, pairs, proofs] })
    : encodeFunctionData({ abi, functionName: "trade", args: [pairs, proofs] });
  const receipt = await sendCall(config, {
    chain,
    wallet,
    to: market,
    data,
    gas,
    gasHeadroom: posts ? gasToPost(attestation.signatures) : undefined,
  }).catch((cause: unknown) => {
    throw isWithoutAllotment(cause, proofs.accounts) ? new NoAllotment(cause.account, { cause }) : cause;
  });
  const logs = receipt.logs.filter(({ address }) => address.toLowerCase() === market.toLowerCase());
  const filled = parseEventLogs({ abi, eventName: "Filled", logs }).map(({ args }) => ({
    price: args.price,
    size: args.size,
    makerOrder: args.makerOrder,
    takerOrder: args.takerOrder,
    makerFee: args.makerFee,
    takerFee: args.takerFee,
  }));
  return { receipt, fills: filled, epoch, postedEpoch: posts };
}

/**
 * What posting may cost at most. With an operator's post of the same epoch in the pool, the estimate is of a trade that
 * has nothing to post; mined before that, it has to.
 */
function gasToPost(signatures: Hex): bigint {
  return 50_000n + 10_000n * BigInt(size(signatures) / 65);
}

/** Whether an account was held to reductions because it has no leaf, and not because the attestation has expired. */
function isWithoutAllotment(error: unknown, proven: TradeProofs["accounts"]): error is OnlyReductionsAllowed {
  return error instanceof OnlyReductionsAllowed && !proven.some(({ account }) => account === error.account);
}

/** Refusals that fresh proofs may cure: an epoch or a position changed after the proofs were fetched. */
function canBeOvertaken(error: unknown): boolean {
  if (error instanceof StaleProof) return true;
  return (
    error instanceof ContractRefused && ["AttestationExpired", "MissingInstrument"].includes(error.errorName ?? "")
  );
}
