import type { ChargePolicy } from "../charges/unit-charges.ts";
import type { KnownAverage } from "../pricing/settlement-average.ts";
import type { ScenarioSet } from "../scenarios.ts";
import type { FeedStress } from "../shocks/feed-stress.ts";
import type { VolatilityTerm } from "../shocks/volatility-term.ts";
import type { VolatilitySurface } from "../volatility/surface.ts";

/** What one expiry has of its own. Rates a year, continuously compounded, 8 decimals. */
export interface MarketExpiry {
  readonly basisRateE8: bigint;
  readonly discountRateE8: bigint;
  /** Within the window over which its settlement price is averaged. */
  readonly average?: KnownAverage;
}

/** What is known of an underlying. Prices USD, 8 decimals; rates a year, continuously compounded, 8 decimals. */
export interface MarketUnderlying {
  readonly priceE8: bigint;
  /** The volatility multiplier in force, 10000 for 1. */
  readonly multiplierBps: bigint;
  /** `calmFeed` for a price that is fresh and certain. */
  readonly feed: FeedStress;
  /** USD, 8 decimals, see `concentrationCharge`; left out: positions are not charged for their size. */
  readonly depthE8?: bigint;
  readonly basisRateE8: bigint;
  readonly discountRateE8: bigint;
  /** By their seconds since 1970: those whose rates differ from these. */
  readonly expiries?: ReadonlyMap<number, MarketExpiry>;
  /** Options need it. */
  readonly surface?: VolatilitySurface;
  /** What options' volatilities are times the surface's, 10000 for as registered: moved by hypotheses. */
  readonly volatilityBps: bigint;
}

/** An asset that counts as collateral. */
export interface MarketAsset {
  readonly underlying: string;
  readonly decimals: number;
  readonly haircutBps: number;
  /** Tokens, 8 decimals, see `countedAmountE8`; left out: counts the same at any size. */
  readonly depthE8?: bigint;
}

/** An instrument's terms. */
export interface MarketInstrument {
  readonly kind: "perpetual" | "future" | "call" | "put";
  readonly underlying: string;
  /** Underlyings a unit, 8 decimals. */
  readonly multiplierE8: bigint;
  /** USD, 8 decimals. Options need it. */
  readonly strikeE8?: bigint;
  /** Dated kinds need it. */
  readonly expirySeconds?: number;
  readonly charges: ChargePolicy;
  /** Cumulative funding of a unit, USD with 8 decimals; longs have paid it since listing. 0 if absent. */
  readonly fundingE8?: bigint;
  /** An expired instrument's final price a unit, USD with 8 decimals: no scenario moves it, and getting out costs nothing. */
  readonly settlementE8?: bigint;
}

/** Everything that prices follow from, by name: an account is valued in a market. Data only. */
export interface RiskMarket {
  readonly nowSeconds: number;
  readonly scenarios: ScenarioSet;
  readonly volatilityTerm: VolatilityTerm;
  /** Maintenance margin, of initial margin. */
  readonly maintenanceBps: number;
  readonly underlyings: ReadonlyMap<string, MarketUnderlying>;
  readonly assets: ReadonlyMap<string, MarketAsset>;
  readonly instruments: ReadonlyMap<string, MarketInstrument>;
}

/** A size of an instrument, 8 decimals, negative for a short. */
export interface Position {
  readonly instrument: string;
  readonly size: bigint;
}

/** What an account has on one chain. */
export interface AccountChain {
  readonly chain: string;
  /** USD with 8 decimals. */
  readonly cash: bigint;
  readonly positions: readonly Position[];
  /** Amounts in the token's own decimals, one entry an asset. */
  readonly collateral: readonly { readonly asset: string; readonly amount: bigint }[];
}

/** One account over all chains. */
export interface RiskAccount {
  readonly chains: readonly AccountChain[];
}
