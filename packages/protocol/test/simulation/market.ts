import type { Address } from "viem";
import { nameToId } from "../../src/account.ts";
import type { ChainAddressKey, InstrumentId, UnderlyingId } from "../../src/ids.ts";
import type { Asset, ExpiryAverage, ExpiryTerms, HubState, Instrument, ScenarioSet } from "../../src/state.ts";
import { consumers, ethToken, type Snapshot, usdToken, vaults } from "./chains.ts";

export const oneUsd = 100_000_000n;
const usd = nameToId("USDC");
export const volatile: readonly UnderlyingId[] = [nameToId("BTC"), nameToId("ETH")];
const [btc, eth] = volatile as [UnderlyingId, UnderlyingId];
const perpetual = {
  kind: "perpetual",
  multiplierE8: oneUsd,
  strikeE8: 0n,
  expirySeconds: 0,
  basisBpsAYear: 0,
  mostBasisBps: 0,
  shortMinimumBps: 0,
} as const;
/** A quarter of a year: nothing expires while anybody looks. */
const farSeconds = 7_776_000;
const datedNames = [0, 1, 2, 3].flatMap((i) => [`BTC-F${i}`, `ETH-C${i}`, `BTC-P${i}`]);
export const perpetuals = ["BTC-PERP", "ETH-PERP"].map(nameToId);
export const instruments = [...perpetuals, ...["BTC-FAR", ...datedNames].map(nameToId)];

function everywhere(farExpiry: number): readonly (readonly [InstrumentId, Instrument])[] {
  return [
    [nameToId("BTC-PERP"), { ...perpetual, underlying: btc, chargeBps: 0 }],
    [nameToId("ETH-PERP"), { ...perpetual, underlying: eth, chargeBps: 5 }],
    [nameToId("BTC-FAR"), { ...perpetual, kind: "future", underlying: btc, expirySeconds: farExpiry, chargeBps: 3 }],
  ];
}

/** Where prices move, things also expire, one after the other. */
function expiring(expiries: readonly number[]): readonly (readonly [InstrumentId, Instrument])[] {
  const charges = { chargeBps: 10, basisBpsAYear: 300, mostBasisBps: 50 };
  return expiries.flatMap((expirySeconds, i): (readonly [InstrumentId, Instrument])[] => {
    const option = { ...perpetual, ...charges, expirySeconds, shortMinimumBps: 200 };
    return [
      [nameToId(`BTC-F${i}`), { ...perpetual, ...charges, kind: "future", underlying: btc, expirySeconds }],
      [nameToId(`ETH-C${i}`), { ...option, kind: "call", underlying: eth, strikeE8: 42n * oneUsd }],
      [nameToId(`BTC-P${i}`), { ...option, kind: "put", underlying: btc, strikeE8: 900n * oneUsd }],
    ];
  });
}

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

/** Prices and the rest of what the hub says. */
export interface Market {
  readonly pricesE8: ReadonlyMap<UnderlyingId, bigint>;
  /** How old the answers of feeds are that have not answered for some time. */
  readonly ageSeconds: ReadonlyMap<UnderlyingId, number>;
  readonly scenarios: ScenarioSet;
  /** Null where prices stand still: then nothing expires, and no shock moves. */
  readonly moving: Moving | null;
  readonly instruments: HubState["risk"]["instruments"];
  readonly expiries: HubState["risk"]["expiries"];
}

interface Moving {
  /** Volatility of an hour, 8 decimals: shocks follow it. */
  readonly volatilityE8: ReadonlyMap<UnderlyingId, bigint>;
  /** What a long of one unit has paid since the start: USD E8. */
  readonly fundingIndex: ReadonlyMap<InstrumentId, bigint>;
  readonly calendar: Calendar;
  /** What each expiry settles at, once it has come. */
  readonly settlements: ReadonlyMap<number, ReadonlyMap<UnderlyingId, bigint>>;
}

/** When things expire. */
interface Calendar {
  readonly expiries: readonly number[];
  readonly settlesAfterSeconds: number;
}

/** Before anything has moved; what expires does so in this many seconds from the start. */
export function startMarket(
  startSeconds: number,
  moving: { readonly expiresIn: readonly number[]; readonly settlesAfterSeconds: number } | null,
): Market {
  const far = startSeconds + farSeconds;
  const expiries = (moving?.expiresIn ?? []).map((seconds) => startSeconds + seconds);
  const at = new Map([...expiries.map((expiry) => [expiry, terms(startSeconds)] as const), [far, flatTerms]]);
  return {
    pricesE8: startPrices,
    ageSeconds: new Map(),
    scenarios: scenarioSets[0] as ScenarioSet,
    instruments: new Map([...everywhere(far), ...expiring(expiries)]),
    expiries: new Map(volatile.map((id) => [id, at])),
    moving: moving && {
      volatilityE8: new Map(),
      fundingIndex: new Map(),
      calendar: { expiries, settlesAfterSeconds: moving.settlesAfterSeconds },
      settlements: new Map(),
    },
  };
}

/** Every expiry that has come by now, settled somewhere near the prices of the moment. */
export function settledMarket(market: Market, now: number, near: (priceE8: bigint) => bigint): Market {
  const { moving } = market;
  const due = moving?.calendar.expiries.filter((expiry) => now >= expiry && !moving.settlements.has(expiry)) ?? [];
  if (moving === null || due.length === 0) return market;
  const at = () => new Map([...market.pricesE8].map(([id, priceE8]) => [id, near(priceE8)]));
  const settlements = new Map([...moving.settlements, ...due.map((expiry) => [expiry, at()] as const)]);
  return { ...market, moving: { ...moving, settlements } };
}

/** A feed that has not answered for so long, or all of them fresh again. */
export function agedMarket(market: Market, id: UnderlyingId, ageSeconds: number): Market {
  return { ...market, ageSeconds: new Map(ageSeconds === 0 ? [] : [[id, ageSeconds]]) };
}

export function volatileMarket(market: Market, id: UnderlyingId, volatilityE8: bigint): Market {
  const { moving } = market;
  if (moving === null) return market;
  return { ...market, moving: { ...moving, volatilityE8: new Map(moving.volatilityE8).set(id, volatilityE8) } };
}

/** A perpetual's funding index after a payment of so many units of the eighth decimal. */
export function fundedMarket(market: Market, id: InstrumentId, paidE8: bigint): Market {
  const { moving } = market;
  if (moving === null) return market;
  const fundingIndex = new Map(moving.fundingIndex).set(id, (moving.fundingIndex.get(id) ?? 0n) + paidE8);
  return { ...market, moving: { ...moving, fundingIndex } };
}

export const startPrices: ReadonlyMap<UnderlyingId, bigint> = new Map([
  [btc, 1_000n * oneUsd],
  [eth, 40n * oneUsd],
]);

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
const terms = (setAtSeconds: number): ExpiryTerms => ({
  basisRateE8: 3_000_000n,
  discountRateE8: 4_000_000n,
  atTheMoneyE8: 60_000_000n,
  skewE8: -50_000_000n,
  curvatureE8: 300_000_000n,
  setAtSeconds,
});
const flatTerms: ExpiryTerms = { ...terms(0), basisRateE8: 0n, atTheMoneyE8: 0n, skewE8: 0n, curvatureE8: 0n };
/** Shallow, so that haircuts and charges grow with size at once. */
const dollarDepth = 200_000n * 100_000_000n;

function averagesOf(moving: Moving, cutSeconds: number, id: UnderlyingId): ReadonlyMap<number, ExpiryAverage> {
  const { settlements, calendar } = moving;
  return new Map(
    [...settlements].flatMap(([expiry, prices]) => {
      const settlementE8 = prices.get(id);
      if (settlementE8 === undefined || cutSeconds <= expiry + calendar.settlesAfterSeconds) return [];
      return [[expiry, { priceSecondsE8: 0n, seconds: 0, settlementE8 }]];
    }),
  );
}

export function hubStateOf(snapshot: Snapshot, market: Market, margin: HubState["risk"]["margin"]): HubState {
  const now = snapshot.timestampSeconds;
  const { moving } = market;
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
          { ...(moving ? limits : calmLimits), feed, feedDecimals: 8, depthE8: 5n * dollarDepth },
        ]),
      ),
      volatility: moving ? new Map(volatile.map((id) => [id, policy])) : new Map(),
      expiries: market.expiries,
      funding: new Map(),
      assets,
      instruments: market.instruments,
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
      [...(moving?.volatilityE8 ?? [])].map(([id, volatilityE8]) => {
        const variance = volatilityE8 * volatilityE8;
        const sample = { sampledPriceE8: 1n, sampledAtSeconds: now, excursionE8: 0n };
        return [id, { ...sample, fastVarianceE16: variance, slowVarianceE16: 0n }] as const;
      }),
    ),
    averages: new Map(moving ? volatile.map((id) => [id, averagesOf(moving, now, id)]) : []),
    fundingIndex: moving?.fundingIndex ?? new Map(),
    ledger: snapshot.ledger,
    weights: new Map(),
  };
}
