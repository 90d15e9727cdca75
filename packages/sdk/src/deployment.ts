import { parseAddress } from "@plimsoll/protocol/account";
import type { Eid } from "@plimsoll/protocol/ids";
import type { Address } from "viem";
import { MarketNotNamed, NoMarket, NoVault, UnknownChain, UnknownMarket } from "./errors/deployment.ts";

/** One chain, as LayerZero (eid) and wallets (chain id) name it, with the contracts there; null where there is none. */
export interface DeployedChain {
  readonly eid: Eid;
  readonly chainId: number;
  readonly name: string;
  readonly hub: boolean;
  readonly contracts: {
    readonly endpoint: Address;
    readonly attestations: Address;
    readonly vault: Address | null;
    readonly consumers: readonly Address[];
    readonly ledger: Address | null;
    readonly riskRegistry: Address | null;
    readonly operatorRegistry: Address | null;
  };
}

/** What is deployed where. */
export interface Deployment {
  readonly chains: readonly DeployedChain[];
}

/**
 * The chain with this eid or name.
 * @throws {UnknownChain}
 * @example getChain(plimsoll.deployment, "alder").eid
 */
export function getChain(deployment: Deployment, chain: Eid | string): DeployedChain {
  const found = deployment.chains.find(({ eid, name }) => eid === chain || name === chain);
  if (found === undefined) throw new UnknownChain(chain, deployment.chains);
  return found;
}

/** The chain that holds the ledger and the registries. */
export function getHub(deployment: Deployment): DeployedChain & { contracts: { ledger: Address } } {
  for (const chain of deployment.chains) {
    const { ledger } = chain.contracts;
    if (chain.hub && ledger !== null) return { ...chain, contracts: { ...chain.contracts, ledger } };
  }
  throw new UnknownChain("that is the hub", deployment.chains);
}

/**
 * The chain's vault.
 * @throws {UnknownChain}
 * @throws {NoVault}
 */
export function getVault(deployment: Deployment, eid: Eid): Address {
  const { contracts, name } = getChain(deployment, eid);
  if (contracts.vault === null) {
    throw new NoVault(
      name,
      deployment.chains.filter((chain) => chain.contracts.vault !== null),
    );
  }
  return contracts.vault;
}

/**
 * The chain's market: the one named, or its only one.
 * @throws {UnknownChain}
 * @throws {NoMarket}
 * @throws {MarketNotNamed}
 * @throws {UnknownMarket}
 */
export function getMarket(deployment: Deployment, eid: Eid, market?: Address): Address {
  const { contracts, name } = getChain(deployment, eid);
  const [only, ...others] = contracts.consumers;
  if (market !== undefined) {
    const named = parseAddress(market);
    if (!contracts.consumers.includes(named)) throw new UnknownMarket(market, name, contracts.consumers);
    return named;
  }
  if (only === undefined) {
    throw new NoMarket(
      name,
      deployment.chains.filter((chain) => chain.contracts.consumers.length > 0),
    );
  }
  if (others.length > 0) throw new MarketNotNamed(name, contracts.consumers);
  return only;
}
