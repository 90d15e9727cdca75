import type { Address } from "viem";
import { decodeEventLog, type Hex, parseAbi, toEventSelector } from "viem";
import type { RawLog } from "./log.ts";

/** A price feed answered. In the feed's own decimals. */
export interface FeedAnswered {
  readonly type: "feed-answer";
  readonly feed: Address;
  readonly answer: bigint;
  readonly updatedAtSeconds: number;
}

// Chainlink's AggregatorInterface.
const abi = parseAbi(["event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)"]);

export const feedTopics: readonly Hex[] = abi.map((event) => toEventSelector(event));

export function decodeFeed(log: RawLog, feed: Address): FeedAnswered {
  const { args } = decodeEventLog({ abi, topics: log.topics, data: log.data });
  return { type: "feed-answer", feed, answer: args.current, updatedAtSeconds: Number(args.updatedAt) };
}
