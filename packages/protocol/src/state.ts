import type { Address, Hex } from "viem";
import type { AccountAssetKey, AccountId, ChainAddressKey, Eid, InstrumentId, UnderlyingId } from "./ids.ts";

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
  /** Of the chain's vault, empty where there is none. */
  readonly vaultTotals: ReadonlyMap<AccountAssetKey, VaultTotals>;
  /** By consumer address, lowercase. */
  readonly portfolios: ReadonlyMap<Address, ReadonlyMap<AccountId, Portfolio>>;
}

export interface Underlying {
  readonly feed: Address;
  readonly feedDecimals: number;
  readonly maxAgeSeconds: number;
}

export interface Asset {
  readonly underlying: UnderlyingId;
  readonly haircutBps: number;
  readonly decimals: number;
}

export type InstrumentKind = "perpetual" | "future" | "call" | "put";

export interface Instrument {
  readonly kind: InstrumentKind;
  readonly underlying: UnderlyingId;
  readonly multiplierE8: bigint;
  readonly strikeE8: bigint;
  readonly expirySeconds: number;
  readonly chargeBps: number;
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
