import type { Config } from "@wagmi/core";
import type { Client } from "viem";
import { getChainId } from "viem/actions";
import type { DeployedChain } from "../deployment.ts";
import { ChainNotConfigured, WrongChain } from "../errors/wallet.ts";

const verified = new WeakSet<Client>();

/**
 * The config's client of a chain, once its RPC has been seen to be of that chain.
 * @throws {ChainNotConfigured}
 * @throws {WrongChain}
 */
export async function verifiedClient(config: Config, chain: DeployedChain): Promise<Client> {
  if (!config.chains.some(({ id }) => id === chain.chainId)) throw new ChainNotConfigured(chain.name, chain.chainId);
  const client = config.getClient({ chainId: chain.chainId });
  if (verified.has(client)) return client;
  const actual = await getChainId(client);
  if (actual !== chain.chainId) throw new WrongChain(chain.name, chain.chainId, actual);
  verified.add(client);
  return client;
}
