import type { Transport } from "@wagmi/core";
import { type Chain, defineChain, http } from "viem";
import type { Deployment } from "../deployment.ts";
import { UnknownChain } from "../errors/deployment.ts";
import { MissingRpcUrl } from "../errors/wallet.ts";

/** By eid or by the deployment's name for the chain. */
export type RpcUrls = Readonly<Record<string | number, string>>;

export interface PlimsollChainsReturnType {
  readonly chains: readonly [Chain, ...Chain[]];
  readonly transports: Record<number, Transport>;
}

export type PlimsollChainsErrorType = MissingRpcUrl | UnknownChain;

/**
 * The `chains` and `transports` of a wagmi config for a deployment.
 *
 * @param rpcUrls One JSON-RPC URL for every chain, by eid or by name.
 * @throws {MissingRpcUrl} if a chain has none
 * @throws {UnknownChain} if a URL is for no chain of the deployment
 * @example
 * const plimsoll = await createPlimsoll({ nodes: ["http://127.0.0.1:8800"] });
 * const config = createConfig({
 *   ...plimsollChains(plimsoll.deployment, { alder: "http://127.0.0.1:8545", birch: "http://127.0.0.1:8546" }),
 *   connectors: [privateKeyConnector({ privateKey })],
 * });
 */
export function plimsollChains(deployment: Deployment, rpcUrls: RpcUrls): PlimsollChainsReturnType {
  for (const key of Object.keys(rpcUrls)) {
    if (!deployment.chains.some(({ eid, name }) => String(eid) === key || name === key)) {
      throw new UnknownChain(key, deployment.chains);
    }
  }
  const withUrl = deployment.chains.map(({ eid, name, chainId }) => {
    const url = rpcUrls[eid] ?? rpcUrls[name];
    if (url === undefined) throw new MissingRpcUrl(name, eid);
    const chain: Chain = defineChain({
      id: chainId,
      name,
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: [url] } },
    });
    return { chain, url };
  });
  const [first, ...others] = withUrl.map(({ chain }) => chain);
  if (first === undefined) throw new UnknownChain("at all", []);
  return {
    chains: [first, ...others],
    transports: Object.fromEntries(withUrl.map(({ chain, url }) => [chain.id, http(url)])),
  };
}
