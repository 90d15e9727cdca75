import type { Address, Hex } from "viem";
import { makeAccountId, nameToId } from "../../src/account.ts";
import type { AccountAssetKey, AccountId, ChainAddressKey, Eid, InstrumentId, UnderlyingId } from "../../src/ids.ts";
import { settlementDelaySeconds } from "../../src/settlement.ts";
import type {
  Asset,
  ChainState,
  ExpiryAverage,
  ExpiryTerms,
  HubState,
  Instrument,
  LedgerTotals,
  Portfolio,
  ScenarioSet,
  VaultTotals,
} from "../../src/state.ts";

// Three small chains: 1 is the hub with a vault, 2 has a vault and two markets, 3 a market.

const usd = nameToId("USDC");
export const volatile: readonly UnderlyingId[] = [nameToId("BTC"), nameToId("ETH")];
const [btc, eth] = volatile as [UnderlyingId, UnderlyingId];
const perpetual = {
  kind: "perpetual",
  multiplierE8: 100_000_000n,
  strikeE8: 0n,
  expirySeconds: 0,
  basisBpsAYear: 0,
  mostBasisBps: 0,
  shortMinimumBps: 0,
} as const;
/** So far off that its price is the index for as long as anybody looks. */
const farExpiry = 100_000_000;
const everywhere: readonly (readonly [InstrumentId, Instrument])[] = [
  [nameToId("BTC-PERP"), { ...perpetual, underlying: btc, chargeBps: 0 }],
  [nameToId("ETH-PERP"), { ...perpetual, underlying: eth, chargeBps: 5 }],
  [nameToId("BTC-FAR"), { ...perpetual, kind: "future", underlying: btc, expirySeconds: farExpiry, chargeBps: 3 }],
];
/** Where prices move, things also expire, one after the other. */
const expiries = [1_200, 1_500, 1_800, 2_100];
const expiring = expiries.flatMap((expirySeconds, i): (readonly [InstrumentId, Instrument])[] => {
  const charges = { chargeBps: 10, basisBpsAYear: 300, mostBasisBps: 50 };
  const option = { ...perpetual, ...charges, expirySeconds, shortMinimumBps: 200 };
  return [
    [nameToId(`BTC-F${i}`), { ...perpetual, ...charges, kind: "future", underlying: btc, expirySeconds }],
    [nameToId(`ETH-C${i}`), { ...option, kind: "call", underlying: eth, strikeE8: 42n * 100_000_000n }],
    [nameToId(`BTC-P${i}`), { ...option, kind: "put", underlying: btc, strikeE8: 900n * 100_000_000n }],
  ];
});
export const instruments = [...everywhere, ...expiring].map(([id]) => id);
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
  /** How old the answers of feeds are that have not answered for some time. */
  readonly ageSeconds: ReadonlyMap<UnderlyingId, number>;
  readonly scenarios: ScenarioSet;
  /** Volatility of an hour, 8 decimals: shocks follow it. Nothing expires, and no shock moves, where there is none. */
  readonly volatilityE8: ReadonlyMap<UnderlyingId, bigint> | null;
  /** What each expiry settles at, once it has come. */
  readonly settlements: ReadonlyMap<number, ReadonlyMap<UnderlyingId, bigint>>;
}

/** Every expiry that has come by now, settled somewhere near the prices of the moment. */
export function settledMarket(market: Market, now: number, near: (priceE8: bigint) => bigint): Market {
  if (market.volatilityE8 === null) return market;
  const due = expiries.filter((expiry) => now >= expiry && !market.settlements.has(expiry));
  if (due.length === 0) return market;
  const at = () => new Map([...market.pricesE8].map(([id, priceE8]) => [id, near(priceE8)]));
  return { ...market, settlements: new Map([...market.settlements, ...due.map((expiry) => [expiry, at()] as const)]) };
}

export const calmMarket: Market = {
  pricesE8: new Map([
    [volatile[0] as UnderlyingId, 1_000n * oneUsd],
    [volatile[1] as UnderlyingId, 40n * oneUsd],
  ]),
  ageSeconds: new Map(),
  scenarios: scenarioSets[0] as ScenarioSet,
  volatilityE8: null,
  settlements: new Map(),
};

/** Widening begins at once, or not at all where prices stand still. */
const limits = { freshSeconds: 10, maxAgeSeconds: 60, lastSeconds: 100, widestBps: 20_000 };
const calmLimits = { ...limits, freshSeconds: 3_599, maxAgeSeconds: 3_600, lastSeconds: 7_200 };
const policy = {
  referenceVolatilityE8: 500_000n,
  stressedVolatilityE8: 300_000n,
  floorBps: 7_000,
  capBps: 30_000,
  mostUpBps: 4_000,
  mostDownBps: 300,
};
const terms: ExpiryTerms = {
  basisRateE8: 3_000_000n,
  discountRateE8: 4_000_000n,
  atTheMoneyE8: 60_000_000n,
  skewE8: -50_000_000n,
  curvatureE8: 300_000_000n,
  setAtSeconds: 1_000,
};
const flatTerms: ExpiryTerms = { ...terms, basisRateE8: 0n, atTheMoneyE8: 0n, skewE8: 0n, curvatureE8: 0n };
const registeredExpiries = new Map(
  volatile.map((id) => [id, new Map([...expiries.map((at) => [at, terms] as const), [farExpiry, flatTerms]])]),
);
/** Shallow, so that haircuts and charges grow with size at once. */
const dollarDepth = 200_000n * 100_000_000n;

function averagesOf(market: Market, cutSeconds: number, id: UnderlyingId): ReadonlyMap<number, ExpiryAverage> {
  return new Map(
    [...market.settlements].flatMap(([expiry, prices]) => {
      const settlementE8 = prices.get(id);
      if (settlementE8 === undefined || cutSeconds <= expiry + settlementDelaySeconds) return [];
      return [[expiry, { priceSecondsE8: 0n, seconds: 0, settlementE8 }]];
    }),
  );
}

export function hubStateOf(snapshot: Snapshot, market: Market, margin: HubState["risk"]["margin"]): HubState {
  const now = snapshot.timestampSeconds;
  const isCalm = market.volatilityE8 === null;
  const assets = new Map<ChainAddressKey, Asset>([
    [`1:${usdToken}`, { underlying: usd, haircutBps: 0, decimals: 6, depthE8: dollarDepth }],
    [
      `1:${ethToken}`,
      { underlying: volatile[1] as UnderlyingId, haircutBps: 1000, decimals: 18, depthE8: 5_000n * 100_000_000n },
    ],
    [`2:${usdToken}`, { underlying: usd, haircutBps: 50, decimals: 6, depthE8: dollarDepth }],
  ]);
  const feed: Address = `0x${"fe".repeat(20)}`;
  return {
    eid: 1,
    risk: {
      version: 1,
      underlyings: new Map(
        underlyings.map((id) => [
          id,
          { ...(isCalm ? calmLimits : limits), feed, feedDecimals: 8, depthE8: 5n * dollarDepth },
        ]),
      ),
      volatility: isCalm ? new Map() : new Map(volatile.map((id) => [id, policy])),
      expiries: registeredExpiries,
      funding: new Map(),
      assets,
      instruments: new Map(isCalm ? everywhere : [...everywhere, ...expiring]),
      vaults,
      consumers: new Map(consumers.map(({ eid, consumer }) => [`${eid}:${consumer}` as ChainAddressKey, true])),
      scenarios: market.scenarios,
      margin,
    },
    prices: new Map([
      [usd, { priceE8: oneUsd, updatedAtSeconds: now }],
      ...[...market.pricesE8].map(
        ([id, priceE8]) => [id, { priceE8, updatedAtSeconds: now - (market.ageSeconds.get(id) ?? 0) }] as const,
      ),
    ]),
    volatility: new Map(
      [...(market.volatilityE8 ?? [])].map(([id, volatilityE8]) => {
        const variance = volatilityE8 * volatilityE8;
        const sample = { sampledPriceE8: 1n, sampledAtSeconds: now, excursionE8: 0n };
        return [id, { ...sample, fastVarianceE16: variance, slowVarianceE16: 0n }] as const;
      }),
    ),
    averages: new Map(volatile.map((id) => [id, averagesOf(market, now, id)])),
    ledger: snapshot.ledger,
    weights: new Map(),
  };
}
