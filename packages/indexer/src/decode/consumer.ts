import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import type { AccountId, InstrumentId } from "@plimsoll/protocol/ids";
import { type Address, decodeEventLog, type Hex, parseAbi, toEventSelector } from "viem";
import { eventAbi, lower, type RawLog } from "./log.ts";

/** An account's cash, and its size in one instrument, after a change at a consumer. */
export interface PortfolioChanged {
  readonly type: "portfolio";
  readonly consumer: Address;
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly size: bigint;
  readonly cash: bigint;
}

/** What a fill says of an instrument's premium over the index at a consumer. Only markets that fill orders tell. */
export interface PremiumSampled {
  readonly type: "premium";
  readonly consumer: Address;
  readonly instrument: InstrumentId;
  /** The premium's integral over time up to this fill: a fraction with 8 decimals, times seconds. */
  readonly premiumSeconds: bigint;
  /** From this fill on. */
  readonly premium: bigint;
  /** Filled in all, this fill included: USD with 8 decimals. */
  readonly volume: bigint;
}

export const premiumAbi = parseAbi([
  "event PremiumSampled(bytes32 indexed instrument, int128 premiumSeconds, int64 premium, uint128 volume)",
]);
// Every consumer emits the first of these, an event of `IMarginConsumer`; the reference market's ABI has it too.
const abi = [...eventAbi(derivativeMarketAbi, ["PortfolioChanged"]), ...premiumAbi] as const;

export const consumerTopics: readonly Hex[] = abi.map((event) => toEventSelector(event));

export function decodeConsumer(log: RawLog, consumer: Address): PortfolioChanged | PremiumSampled {
  const { eventName, args } = decodeEventLog({ abi, topics: log.topics, data: log.data });
  if (eventName === "PremiumSampled") {
    const { instrument, premiumSeconds, premium, volume } = args;
    return { type: "premium", consumer, instrument: lower(instrument), premiumSeconds, premium, volume };
  }
  return {
    type: "portfolio",
    consumer,
    account: lower(args.account),
    instrument: lower(args.instrument),
    size: args.size,
    cash: args.cash,
  };
}
