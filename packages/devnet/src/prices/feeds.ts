import { priceBoardAbi } from "@plimsoll/contracts/abi/PriceBoard";
import { replayFeedAbi } from "@plimsoll/contracts/abi/ReplayFeed";
import { priceBoardBytecode } from "@plimsoll/contracts/bytecode/PriceBoard";
import { replayFeedBytecode } from "@plimsoll/contracts/bytecode/ReplayFeed";
import { type Address, encodeDeployData, encodeFunctionData, type Hash } from "viem";
import type { Chain } from "../chains/anvil.ts";
import { TransactionFailed } from "../errors.ts";
import { feedDecimals, type UnderlyingName, underlyings } from "../plimsoll/market-data.ts";
import { receiptOf } from "../receipts.ts";
import type { TransactionBatch } from "../transactions.ts";

/** USD with 8 decimals, for every underlying that is to move. */
export type Prices = Partial<Record<UnderlyingName, bigint>>;

export type FeedAddresses = Readonly<Record<UnderlyingName, Address>>;

/** The hub's price feeds. */
export interface Feeds {
  readonly addresses: FeedAddresses;
  /**
   * Pushes prices in one transaction, hence one block.
   *
   * @throws {TransactionFailed | ReceiptLate}
   */
  setPrices(prices: Prices): Promise<{ blockNumber: bigint; transactionHash: Hash }>;
  /** Pushes one price. */
  setPrice(underlying: UnderlyingName, priceE8: bigint): Promise<{ blockNumber: bigint; transactionHash: Hash }>;
}

export interface FeedContracts {
  readonly board: Address;
  readonly feeds: FeedAddresses;
}

const pushGas = 1_000_000n;

/**
 * Deploys a Chainlink-shaped feed for every underlying, and the contract that moves several at once.
 *
 * @example
 * const contracts = deployFeeds(batch, priceUpdater.address);
 */
export function deployFeeds(batch: TransactionBatch, updater: Address): FeedContracts {
  const board = batch.deploy(
    "PriceBoard",
    encodeDeployData({ abi: priceBoardAbi, bytecode: priceBoardBytecode, args: [updater] }),
  );
  const deployFeed = (name: UnderlyingName) =>
    batch.deploy(
      `ReplayFeed(${name})`,
      encodeDeployData({
        abi: replayFeedAbi,
        bytecode: replayFeedBytecode,
        args: [board, feedDecimals, `${name} / USD`],
      }),
    );
  return { board, feeds: { BTC: deployFeed("BTC"), ETH: deployFeed("ETH"), USDC: deployFeed("USDC") } };
}

/**
 * What pushes prices into the feeds.
 *
 * @param updater The board's owner, an account that anvil has the key of.
 * @example
 * await openFeeds(hub, contracts, updater).setPrice("BTC", 121_554_55000000n);
 */
export function openFeeds(hub: Chain, contracts: FeedContracts, updater: Address): Feeds {
  async function setPrices(prices: Prices) {
    const pushed = underlyings.flatMap(({ name }) => {
      const price = prices[name];
      return price === undefined ? [] : [{ feed: contracts.feeds[name], price }];
    });
    const hash = await hub.client.sendTransaction({
      account: updater,
      chain: null,
      to: contracts.board,
      data: encodeFunctionData({
        abi: priceBoardAbi,
        functionName: "push",
        args: [pushed.map(({ feed }) => feed), pushed.map(({ price }) => price)],
      }),
      gas: pushGas,
    });
    const receipt = await receiptOf(hub.client, hash);
    if (receipt.status !== "success") throw new TransactionFailed(hub.name, "PriceBoard.push", "it reverted");
    return { blockNumber: receipt.blockNumber, transactionHash: hash };
  }
  return {
    addresses: contracts.feeds,
    setPrices,
    setPrice: (underlying, priceE8) => setPrices({ [underlying]: priceE8 }),
  };
}
