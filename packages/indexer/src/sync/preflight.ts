import { decodeFunctionResult, encodeFunctionData, type Hex, parseAbi } from "viem";
import type { ChainConfig } from "../config.ts";
import { ConfigError, IndexerError, RpcRefusedError } from "../errors.ts";
import { hostOf, type RpcEndpoint } from "../rpc/endpoint.ts";

const eidAbi = parseAbi(["function eid() view returns (uint32)"]);

/**
 * Asks every chain whether it is the one the configuration speaks of: chain id, code at each contract and none before the
 * start block, the endpoint's and the attestations' eid. An endpoint that does not answer is no mistake of the configuration: it is asked again later.
 *
 * @throws {ConfigError} with everything that is wrong, of all chains.
 */
export async function preflight(
  chains: readonly ChainConfig[],
  endpointsOf: (chain: ChainConfig) => readonly RpcEndpoint[],
): Promise<void> {
  const found = await Promise.all(
    chains.flatMap((chain) => endpointsOf(chain).map((endpoint) => problemsOf(chain, endpoint))),
  );
  const problems = [...new Set(found.flat())];
  if (problems.length > 0) throw new ConfigError(problems);
}

async function problemsOf(chain: ChainConfig, endpoint: RpcEndpoint): Promise<string[]> {
  try {
    const chainId = await endpoint.chainId();
    if (chainId !== chain.chainId) {
      return [`${chain.name}: ${hostOf(endpoint.url)} is chain ${chainId}, not ${chain.chainId}`];
    }
    const { consumers, ...single } = chain.contracts;
    const contracts: [string, Hex | null][] = [
      ...Object.entries(single),
      ...consumers.map((consumer, index): [string, Hex] => [`consumers[${index}]`, consumer]),
    ];
    const named: [string, Hex | null][] = [
      ...contracts.map(([name, address]): [string, Hex | null] => [`contracts.${name}`, address]),
      ...chain.upcomingFeeds.map((feed, index): [string, Hex] => [`upcomingFeeds[${index}]`, feed]),
    ];
    const missing = await Promise.all(
      named.map(async ([name, address]) =>
        address !== null && (await endpoint.code(address, "latest")) === "0x"
          ? [`${chain.name}: there is no contract at ${address} (${name})`]
          : [],
      ),
    );
    if (missing.flat().length > 0) return missing.flat();
    const late = await Promise.all(
      contracts.map(async ([name, address]) =>
        address !== null && name !== "endpoint" && (await existedBefore(endpoint, address, chain.startBlock))
          ? [`${chain.name}: startBlock ${chain.startBlock} is too late: contracts.${name} was there before`]
          : [],
      ),
    );
    const eids = await Promise.all(
      (["endpoint", "attestations"] as const).map(async (name) => {
        const eid = await eidOf(endpoint, chain.contracts[name]);
        return eid === chain.eid ? [] : [`${chain.name}: contracts.${name} says eid ${eid}, not ${chain.eid}`];
      }),
    );
    return [...late, ...eids].flat();
  } catch (error) {
    if (error instanceof IndexerError && error.remedy === "retry") return [];
    throw error;
  }
}

/** False where the endpoint does not know so old a state. */
async function existedBefore(endpoint: RpcEndpoint, contract: Hex, block: number): Promise<boolean> {
  if (block === 0) return false;
  try {
    return (await endpoint.code(contract, block - 1)) !== "0x";
  } catch (error) {
    if (error instanceof RpcRefusedError) return false;
    throw error;
  }
}

async function eidOf(endpoint: RpcEndpoint, contract: Hex): Promise<number | "nothing"> {
  const data = await endpoint.call(contract, encodeFunctionData({ abi: eidAbi }));
  try {
    return decodeFunctionResult({ abi: eidAbi, data });
  } catch {
    return "nothing";
  }
}
