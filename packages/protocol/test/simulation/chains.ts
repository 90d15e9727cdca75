import type { Address, Hex } from "viem";
import { makeAccountId, nameToId } from "../../src/account.ts";
import type { AccountAssetKey, AccountId, ChainAddressKey, Eid, UnderlyingId } from "../../src/ids.ts";
import type {
  Asset,
  ChainState,
  HubState,
  LedgerTotals,
  Portfolio,
  ScenarioSet,
  VaultTotals,
} from "../../src/state.ts";

// Three small chains: 1 is the hub with a vault, 2 has a vault and two markets, 3 a market.

const usd = nameToId("USDC");
export const volatile: readonly UnderlyingId[] = [nameToId("BTC"), nameToId("ETH")];
export const instruments = [nameToId("BTC-PERP"), nameToId("ETH-PERP")];
export const accounts: readonly AccountId[] = [1, 2, 3].map((n) => makeAccountId(`0x${`0${n}`.repeat(20)}`));
export const vaults = new Map<Eid, Address>([1, 2].map((eid) => [eid, `0x${`a${eid}`.repeat(20)}`]));
export const consumers: readonly { eid: Eid; consumer: Address }[] = [
  { eid: 2, consumer: `0x${"b1".repeat(20)}` },
  { eid: 2, consumer: `0x${"b2".repeat(20)}` },
  { eid: 3, consumer: `0x${"c1".repeat(20)}` },
];
const usdToken: Address = `0x${"d1".repeat(20)}`;
const ethToken: Address = `0x${"d2".repeat(20)}`;
export const deposits: readonly { eid: Eid; asset: Address; unit: bigint }[] = [
  { eid: 1, asset: usdToken, unit: 1_000_000n },
  { eid: 1, asset: ethToken, unit: 1_000_000_000_000_000n },
  { eid: 2, asset: usdToken, unit: 1_000_000n },
];

export const oneUsd = 100_000_000n;

const fiveRows = [0, 0, 0, 2000, 2000, 0, -2000, -2000, 0, 2500, -1000, 0, 100, -3000, 0];
const underlyings = [...volatile, usd];

/** Two scenario sets of different size and meaning. */
export const scenarioSets: readonly ScenarioSet[] = [
  { underlyings, priceShocksBps: fiveRows, volatilityShocksBps: fiveRows.map(() => 0) },
  {
    underlyings,
    priceShocksBps: [0, 0, 0, -1500, -1500, 0, 2500, 1500, 0],
    volatilityShocksBps: new Array<number>(9).fill(0),
  },
];

/** The state of one chain after one block; never changed. */
export interface Snapshot {
  readonly timestampSeconds: number;
  readonly number: number;
  readonly postedEpoch: number | null;
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
    vaultTotals: snapshot.vaultTotals,
    portfolios: snapshot.portfolios,
  };
}

/** Prices and the rest of what the hub says. */
export interface Market {
  readonly pricesE8: ReadonlyMap<UnderlyingId, bigint>;
  /** Feeds that have not answered for too long. */
  readonly stale: ReadonlySet<UnderlyingId>;
  readonly scenarios: ScenarioSet;
}

export const calmMarket: Market = {
  pricesE8: new Map([
    [volatile[0] as UnderlyingId, 1_000n * oneUsd],
    [volatile[1] as UnderlyingId, 40n * oneUsd],
  ]),
  stale: new Set(),
  scenarios: scenarioSets[0] as ScenarioSet,
};

export function hubStateOf(snapshot: Snapshot, market: Market, margin: HubState["risk"]["margin"]): HubState {
  const now = snapshot.timestampSeconds;
  const assets = new Map<ChainAddressKey, Asset>([
    [`1:${usdToken}`, { underlying: usd, haircutBps: 0, decimals: 6 }],
    [`1:${ethToken}`, { underlying: volatile[1] as UnderlyingId, haircutBps: 1000, decimals: 18 }],
    [`2:${usdToken}`, { underlying: usd, haircutBps: 50, decimals: 6 }],
  ]);
  const feed: Address = `0x${"fe".repeat(20)}`;
  return {
    eid: 1,
    risk: {
      version: 1,
      underlyings: new Map(underlyings.map((id) => [id, { feed, feedDecimals: 8, maxAgeSeconds: 60 }])),
      assets,
      instruments: new Map(
        instruments.map((id, index) => [
          id,
          {
            kind: "perpetual",
            underlying: volatile[index] as UnderlyingId,
            multiplierE8: oneUsd,
            strikeE8: 0n,
            expirySeconds: 0,
            chargeBps: 5 * index,
          },
        ]),
      ),
      vaults,
      consumers: new Map(consumers.map(({ eid, consumer }) => [`${eid}:${consumer}` as ChainAddressKey, true])),
      scenarios: market.scenarios,
      margin,
    },
    prices: new Map([
      [usd, { priceE8: oneUsd, updatedAtSeconds: now }],
      ...[...market.pricesE8].map(
        ([id, priceE8]) => [id, { priceE8, updatedAtSeconds: market.stale.has(id) ? now - 61 : now }] as const,
      ),
    ]),
    ledger: snapshot.ledger,
    weights: new Map(),
  };
}
