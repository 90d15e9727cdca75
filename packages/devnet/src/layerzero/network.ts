import type { DevnetAccounts } from "../accounts.ts";
import type { Chain } from "../chains/anvil.ts";
import { startBatch } from "../transactions.ts";
import { connectLayerZero } from "./connect.ts";
import { deployLayerZero, type LayerZeroContracts } from "./deploy.ts";

/** A chain with LayerZero on it. */
export interface ConnectedChain extends Chain {
  readonly startBlock: bigint;
  readonly layerZero: LayerZeroContracts;
}

/** Two of the DVN's three signers have to agree. */
export const dvnQuorum = 2;

/**
 * Deploys LayerZero on every chain and connects each with all others.
 *
 * @throws {TransactionFailed}
 * @example
 * const connected = await deployLayerZeroNetwork(chains, accounts);
 */
export async function deployLayerZeroNetwork(
  chains: readonly Chain[],
  accounts: DevnetAccounts,
): Promise<ConnectedChain[]> {
  const owners = {
    owner: accounts.deployer.address,
    worker: accounts.worker.address,
    dvnSigners: accounts.dvnSigners.map(({ address }) => address),
    dvnQuorum,
  };
  return Promise.all(
    chains.map(async (chain) => {
      const startBlock = await chain.client.getBlockNumber();
      const batch = await startBatch(chain, accounts.deployer.address);
      const layerZero = deployLayerZero(batch, chain.eid, owners);
      const others = chains.filter(({ eid }) => eid !== chain.eid).map(({ eid }) => eid);
      connectLayerZero(batch, layerZero, others);
      await batch.settle();
      return { ...chain, startBlock, layerZero };
    }),
  );
}

/**
 * The keys the worker acts with: its own account, and as many DVN signers as the quorum asks for.
 *
 * @example
 * const worker = startWorker({ chains, keys: workerKeys(accounts) });
 */
export function workerKeys(accounts: DevnetAccounts) {
  return {
    sender: accounts.worker.address,
    dvnSigners: accounts.dvnSigners.slice(0, dvnQuorum).map(({ privateKey }) => privateKey),
  };
}
