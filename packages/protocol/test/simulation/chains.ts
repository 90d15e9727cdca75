import type { Address, Hex } from "viem";
import { makeAccountId } from "../../src/account.ts";
import type { AccountAssetKey, AccountId, Eid } from "../../src/ids.ts";
import type { ChainState, LedgerTotals, Portfolio, VaultTotals } from "../../src/state.ts";

// Three small chains: 1 is the hub with a vault, 2 has a vault and two markets, 3 a market.

export const accounts: readonly AccountId[] = [1, 2, 3].map((n) => makeAccountId(`0x${`0${n}`.repeat(20)}`));
export const vaults = new Map<Eid, Address>([1, 2].map((eid) => [eid, `0x${`a${eid}`.repeat(20)}`]));
export const consumers: readonly { eid: Eid; consumer: Address }[] = [
  { eid: 2, consumer: `0x${"b1".repeat(20)}` },
  { eid: 2, consumer: `0x${"b2".repeat(20)}` },
  { eid: 3, consumer: `0x${"c1".repeat(20)}` },
];
export const usdToken: Address = `0x${"d1".repeat(20)}`;
export const ethToken: Address = `0x${"d2".repeat(20)}`;
export const deposits: readonly { eid: Eid; asset: Address; unit: bigint }[] = [
  { eid: 1, asset: usdToken, unit: 1_000_000n },
  { eid: 1, asset: ethToken, unit: 1_000_000_000_000_000n },
  { eid: 2, asset: usdToken, unit: 1_000_000n },
];

/** The state of one chain after one block; never changed. */
export interface Snapshot {
  readonly timestampSeconds: number;
  readonly number: number;
  readonly postedEpoch: number | null;
  readonly postedRoot: Hex | null;
  readonly vaultTotals: ReadonlyMap<AccountAssetKey, VaultTotals>;
  readonly portfolios: ReadonlyMap<Address, ReadonlyMap<AccountId, Portfolio>>;
  /** On the hub: what has been reported by each vault. */
  readonly ledger: ReadonlyMap<Eid, ReadonlyMap<AccountAssetKey, LedgerTotals>>;
}

/** A chain with the blocks since the newest cut; the first one is the cut block. */
export interface SimulatedChain {
  readonly eid: Eid;
  blocks: Snapshot[];
  /** Nothing happens on it until then. */
  haltedUntil: number;
}

export function headOf(chain: SimulatedChain): Snapshot {
  const head = chain.blocks.at(-1);
  if (head === undefined) throw new RangeError("a chain always has a block");
  return head;
}

export function makeChain(eid: Eid, timestampSeconds: number): SimulatedChain {
  const markets = consumers.filter((market) => market.eid === eid);
  const genesis: Snapshot = {
    timestampSeconds,
    number: 0,
    postedEpoch: null,
    postedRoot: null,
    vaultTotals: new Map(),
    portfolios: new Map(markets.map(({ consumer }) => [consumer, new Map<AccountId, Portfolio>()])),
    ledger: new Map([...vaults.keys()].map((vaultEid) => [vaultEid, new Map<AccountAssetKey, LedgerTotals>()])),
  };
  return { eid, blocks: [genesis], haltedUntil: 0 };
}

export function chainStateOf(eid: Eid, snapshot: Snapshot): ChainState {
  const hash: Hex = `0x${(eid * 2 ** 32 + snapshot.number).toString(16).padStart(64, "0")}`;
  return {
    block: { eid, number: snapshot.number, hash, timestampSeconds: snapshot.timestampSeconds },
    postedEpoch: snapshot.postedEpoch,
    postedRoot: snapshot.postedRoot,
    vaultTotals: snapshot.vaultTotals,
    portfolios: snapshot.portfolios,
  };
}
