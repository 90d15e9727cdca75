import type { Address } from "viem";
import type { ChainConfig } from "../config.ts";

/** What makes one chain's history this deployment's and no other's. */
export interface ChainIdentity {
  readonly chainId: number;
  readonly hub: boolean;
  readonly startBlock: number;
  readonly endpoint: Address;
  readonly attestations: Address;
  readonly vault: Address | null;
  readonly consumers: readonly Address[];
  readonly ledger: Address | null;
  readonly riskRegistry: Address | null;
  readonly operatorRegistry: Address | null;
}

/** The identity that a configuration speaks of. Consumers ascending, so that their order in the file does not matter. */
export function chainIdentity(chain: ChainConfig): ChainIdentity {
  const { consumers, ...contracts } = chain.contracts;
  return {
    chainId: chain.chainId,
    hub: chain.hub,
    startBlock: chain.startBlock,
    ...contracts,
    consumers: [...consumers].sort(),
  };
}
