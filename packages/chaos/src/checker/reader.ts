import type { DeploymentChain } from "@plimsoll/devnet/deployment";
import { createPublicClient, http, type PublicClient } from "viem";

/** A chain as it was at one block, read from its own endpoint. */
export interface ChainReader {
  readonly chain: DeploymentChain;
  readonly client: PublicClient;
  /** All that is checked is of this block or an earlier one. */
  readonly blockNumber: bigint;
}

/** Fixes the block at which a chain is checked: its newest one now. */
export async function readerOf(chain: DeploymentChain): Promise<ChainReader> {
  const client = createPublicClient({ transport: http(chain.rpcUrl), cacheTime: 0 });
  return { chain, client, blockNumber: await client.getBlockNumber() };
}

/** A block range that holds all of a deployment's history on the chain. */
export const wholeHistory = ({ chain, blockNumber }: ChainReader) => ({
  fromBlock: BigInt(chain.startBlock),
  toBlock: blockNumber,
});

/** What several reads give, without more than a few at a time: an account has many slots, and a run many accounts. */
export async function mapInTurn<T, R>(items: readonly T[], read: (item: T) => Promise<R>, atOnce = 16): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map(read))));
  }
  return results;
}
