import type { Eid } from "@plimsoll/protocol/ids";

/** One chain of the devnet before anything runs. */
export interface ChainPlan {
  readonly name: string;
  readonly eid: Eid;
  readonly chainId: number;
  readonly port: number;
  readonly hub: boolean;
  readonly vault: boolean;
  readonly market: boolean;
}

/**
 * The devnet's three chains: `alder` has collateral and nothing to trade, `birch` is the hub and has both, `cedar` has
 * a market and no collateral.
 */
export const devnetChains: readonly ChainPlan[] = [
  { name: "alder", eid: 40001, chainId: 31337, port: 8545, hub: false, vault: true, market: false },
  { name: "birch", eid: 40002, chainId: 31338, port: 8546, hub: true, vault: true, market: true },
  { name: "cedar", eid: 40003, chainId: 31339, port: 8547, hub: false, vault: false, market: true },
];
