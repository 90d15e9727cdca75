import type { FeedVolatility } from "@plimsoll/risk/multiplier/feed-volatility";
import type { Address, Hex } from "viem";
import type { AccountAssetKey, AccountId, ChainAddressKey, Eid, InstrumentId, UnderlyingId } from "./ids.ts";

export type { FeedVolatility };

/** One finalized block of one chain. */
export interface CutBlock {
  readonly eid: Eid;
  readonly number: number;
  readonly hash: Hex;
  readonly timestampSeconds: number;
}

/** One finalized block for every chain, ascending by eid: the instant an epoch speaks of. */
export type Cut = readonly CutBlock[];

/** What an account holds at one consumer. USD and units with 8 decimals. */
export interface Portfolio {
  readonly cash: bigint;
  /** Without zero sizes. */
  readonly positions: ReadonlyMap<InstrumentId, bigint>;
}

/** Cumulative totals of one asset of one account at one vault, in the token's own decimals. */
export interface VaultTotals {
  readonly deposited: bigint;
  readonly withdrawn: bigint;
  /** What the owner last asked to have paid out in all; 0 when never. */
  readonly requestedTotal: bigint;
}

/** One chain at the cut. */
export interface ChainState {
  readonly block: CutBlock;
  /** The newest epoch posted there, or null before the first. */
  readonly postedEpoch: number | null;
  /** Its root: where operators are apart, several epochs may compete for a number, and this says which one it is. */
  readonly postedRoot: Hex | null;
  /** Of the chain's vault, empty where there is none. */
  readonly vaultTotals: ReadonlyMap<AccountAssetKey, VaultTotals>;
  /** By consumer address, lowercase. */
  readonly portfolios: ReadonlyMap<Address, ReadonlyMap<AccountId, Portfolio>>;
}

/** As its feed's answer grows older, shocks widen, then instruments are reduce-only, then they have no leaf. */
export interface Underlying {
  readonly feed: Address;
  readonly feedDecimals: number;
  readonly freshSeconds: number;
  /** Past this age instruments are reduce-only, and collateral in it counts nothing. */
  readonly maxAgeSeconds: number;
  /** Past this age instruments have no leaf. */
  readonly lastSeconds: number;
  /** The factor on shocks at `maxAgeSeconds`. */
  readonly widestBps: number;
  /** USD: the position of which half would be lost if it were sold at once. */
  readonly depthE8: bigint;
}

/** How shocks of an underlying follow the volatility of its feed: volatilities of an hour. */
export interface VolatilityPolicy {
  readonly referenceVolatilityE8: bigint;
  readonly stressedVolatilityE8: bigint;
  readonly floorBps: number;
  readonly capBps: number;
  readonly mostUpBps: number;
  readonly mostDownBps: number;
}

/** What dated instruments of one underlying and expiry are priced from. */
export interface ExpiryTerms {
  readonly basisRateE8: bigint;
  readonly discountRateE8: bigint;
  /** 0: no options at this expiry. */
  readonly atTheMoneyE8: bigint;
  readonly skewE8: bigint;
  readonly curvatureE8: bigint;
  /** Time of the hub's block in which they were registered. */
  readonly setAtSeconds: number;
}

export interface Asset {
  readonly underlying: UnderlyingId;
  readonly haircutBps: number;
  readonly decimals: number;
  /** Tokens: the amount of which half would be lost if it were sold at once. */
  readonly depthE8: bigint;
}

export type InstrumentKind = "perpetual" | "future" | "call" | "put";

export interface Instrument {
  readonly kind: InstrumentKind;
  readonly underlying: UnderlyingId;
  readonly multiplierE8: bigint;
  readonly strikeE8: bigint;
  readonly expirySeconds: number;
  readonly chargeBps: number;
  /** Dated: how far the basis may move against the index, a year to expiry, and at most. */
  readonly basisBpsAYear: number;
  readonly mostBasisBps: number;
  /** Options: the least that a short unit's worst scenario is taken to lose. */
  readonly shortMinimumBps: number;
}

/** A perpetual's funding: over a window longs pay shorts the average premium of that window. */
export interface FundingTerms {
  readonly capBps: number;
  readonly windowSeconds: number;
  /** The share of the open interest that must trade in a window for its premium to count in full. */
  readonly turnoverBps: number;
}

/** Rows of joint stresses, row 0 without shock. Arrays are row-major, rows x underlyings, in basis points. */
export interface ScenarioSet {
  readonly underlyings: readonly UnderlyingId[];
  readonly priceShocksBps: readonly number[];
  readonly volatilityShocksBps: readonly number[];
}

export interface MarginParameters {
  readonly maintenanceBps: number;
  readonly bufferBps: number;
  readonly stickyBps: number;
  readonly maxLeverage: number;
  readonly attestationLifetimeSeconds: number;
}

/** The risk registry at the cut. */
export interface RiskState {
  readonly version: number;
  readonly underlyings: ReadonlyMap<UnderlyingId, Underlying>;
  /** Without one, shocks stay as registered. */
  readonly volatility: ReadonlyMap<UnderlyingId, VolatilityPolicy>;
  /** By underlying, then by expiry. */
  readonly expiries: ReadonlyMap<UnderlyingId, ReadonlyMap<number, ExpiryTerms>>;
  readonly funding: ReadonlyMap<InstrumentId, FundingTerms>;
  readonly assets: ReadonlyMap<ChainAddressKey, Asset>;
  readonly instruments: ReadonlyMap<InstrumentId, Instrument>;
  readonly vaults: ReadonlyMap<Eid, Address>;
  /** True where the consumer is active; an inactive one may only reduce. */
  readonly consumers: ReadonlyMap<ChainAddressKey, boolean>;
  readonly scenarios: ScenarioSet;
  readonly margin: MarginParameters;
}

export interface FeedPrice {
  /** USD with 8 decimals. */
  readonly priceE8: bigint;
  readonly updatedAtSeconds: number;
}

/**
 * An underlying's average price over the window before an expiry, as far as it has passed at the cut: the sum of price times
 * seconds, and those seconds.
 */
export interface ExpiryAverage {
  /** USD E8, times seconds. */
  readonly priceSecondsE8: bigint;
  /** Of the window, with a known price. */
  readonly seconds: number;
  /** The settlement price, once it is final; null before. */
  readonly settlementE8: bigint | null;
}

/** Totals as the hub's ledger has them, in the token's own decimals. */
export interface LedgerTotals {
  readonly deposited: bigint;
  readonly withdrawn: bigint;
}

export interface ConsumerWeight {
  readonly eid: Eid;
  readonly consumer: Address;
  readonly weight: number;
}

/** The hub at the cut. */
export interface HubState {
  readonly eid: Eid;
  readonly risk: RiskState;
  readonly prices: ReadonlyMap<UnderlyingId, FeedPrice>;
  /** What all of a feed's answers until now say of its volatility. */
  readonly volatility: ReadonlyMap<UnderlyingId, FeedVolatility>;
  /** By underlying, then by expiry: of registered dated instruments, from the beginning of the expiry's window on. */
  readonly averages: ReadonlyMap<UnderlyingId, ReadonlyMap<number, ExpiryAverage>>;
  /** What a long of one unit of a perpetual has paid in all: USD E8. Those without funding are absent. */
  readonly fundingIndex: ReadonlyMap<InstrumentId, bigint>;
  /** By vault eid. */
  readonly ledger: ReadonlyMap<Eid, ReadonlyMap<AccountAssetKey, LedgerTotals>>;
  /** Only accounts whose owner set some. */
  readonly weights: ReadonlyMap<AccountId, readonly ConsumerWeight[]>;
}

/** Everything the transition reads of the chains. */
export interface StateAtCut {
  readonly cut: Cut;
  readonly hub: HubState;
  readonly chains: ReadonlyMap<Eid, ChainState>;
}
