import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import type { AccountId, InstrumentId } from "@plimsoll/protocol/ids";
import { type Address, decodeEventLog, type Hex, toEventSelector } from "viem";
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

// Every consumer emits this event of `IMarginConsumer`; the reference market's ABI has it too.
const abi = eventAbi(derivativeMarketAbi, ["PortfolioChanged"]);

export const consumerTopics: readonly Hex[] = abi.map((event) => toEventSelector(event));

export function decodeConsumer(log: RawLog, consumer: Address): PortfolioChanged {
  const { args } = decodeEventLog({ abi, topics: log.topics, data: log.data });
  return {
    type: "portfolio",
    consumer,
    account: lower(args.account),
    instrument: lower(args.instrument),
    size: args.size,
    cash: args.cash,
  };
}
