import { chargeUnit, unitCharges } from "../charges/unit-charges.ts";
import { collateralPrices } from "../collateral.ts";
import { UnpricedInstrumentKind } from "../errors.ts";
import { divDown, max, min, mulDivDown, oneBps, oneE8 } from "../fixed-point.ts";
import type { InstrumentValuation } from "../portfolio.ts";
import { type ExpiryScenarios, expiryScenarios } from "../pricing/expiry-scenarios.ts";
import { pricingLimits } from "../pricing/limits.ts";
import { expectedAverageE8 } from "../pricing/settlement-average.ts";
import { riskArray } from "../risk-array.ts";
import { stressedShocks, type UnderlyingShocks } from "../shocks/stressed-shocks.ts";
import { impliedVolatilityE8 } from "../volatility/implied-volatility-integer.ts";
import { UnknownInMarket } from "./errors.ts";
import type { MarketExpiry, MarketInstrument, MarketUnderlying, RiskMarket } from "./market.ts";

/** An instrument as portfolios are valued with it. */
export interface PricedInstrument extends InstrumentValuation {
  readonly kind: MarketInstrument["kind"];
  readonly underlying: string;
  /** USD a unit, 8 decimals: what it trades at. */
  readonly mark: bigint;
  /** Cumulative funding of a unit, USD with 8 decimals, of which `prices` are net. */
  readonly funding: bigint;
}

/** An asset as collateral is valued with it. */
export interface PricedAsset {
  readonly underlying: string;
  readonly decimals: number;
  /** Tokens, 8 decimals; `undefined`: counts the same at any size. */
  readonly depthE8: bigint | undefined;
  /** What one token counts for in every scenario, USD with 8 decimals. */
  readonly prices: BigInt64Array;
}

/**
 * A market in which accounts are valued and hypotheses made. `priceMarket` makes one from data; whoever has prices from
 * elsewhere (an operator, from the registries at a cut) gives the same.
 */
export interface PricedMarket {
  readonly scenarios: number;
  /** Maintenance margin, of initial margin. */
  readonly maintenanceBps: number;
  /** @throws {UnknownInMarket | UnpricedInstrumentKind} */
  readonly instrument: (name: string) => PricedInstrument;
  /** @throws {UnknownInMarket} */
  readonly asset: (name: string) => PricedAsset;
  /** Where an underlying stands. @throws {UnknownInMarket} */
  readonly underlying: (name: string) => Pick<MarketUnderlying, "priceE8" | "volatilityBps" | "depthE8">;
  /** The same market with an underlying elsewhere. @throws {UnknownInMarket} */
  readonly withUnderlying: (name: string, to: Pick<MarketUnderlying, "priceE8" | "volatilityBps">) => PricedMarket;
  /** The same market so many seconds later. */
  readonly later: (seconds: number) => PricedMarket;
}

/**
 * Prices instruments and collateral as the transition does: moves in force, the model, charges, funding; integers alone.
 *
 * An instrument's array is made when it is first asked for, so that a market of thousands costs an account what it holds.
 *
 * @example priceMarket(market).instrument("BTC-PERP").prices
 */
export function priceMarket(market: RiskMarket): PricedMarket {
  const shocks = remember((underlying: string): UnderlyingShocks => {
    const { multiplierBps, feed } = underlyingOf(market, underlying);
    return stressedShocks(market.scenarios, underlying, multiplierBps, feed);
  });
  const expiries = remember((key: string): ExpiryScenarios => {
    const at = key.indexOf("@");
    const name = key.slice(at + 1);
    const known = underlyingOf(market, name);
    const expirySeconds = Number(key.slice(0, at));
    const { basisRateE8, discountRateE8, average } = expiryOf(known, expirySeconds);
    return expiryScenarios({
      indexE8: average === undefined ? known.priceE8 : expectedAverageE8(known.priceE8, average),
      basisRateE8,
      discountRateE8,
      secondsToExpiry: Math.max(0, expirySeconds - market.nowSeconds),
      ...shocks(name),
      volatilityTerm: market.volatilityTerm,
    });
  });
  return {
    scenarios: market.scenarios.priceShocksBps.length / market.scenarios.underlyings.length,
    maintenanceBps: market.maintenanceBps,
    underlying: (name) => underlyingOf(market, name),
    withUnderlying: (name, to) => {
      const moved = { ...underlyingOf(market, name), ...to };
      return priceMarket({ ...market, underlyings: new Map(market.underlyings).set(name, moved) });
    },
    later: (seconds) => priceMarket({ ...market, nowSeconds: market.nowSeconds + seconds }),
    instrument: remember((name) => priceInstrument(market, name, shocks, expiries)),
    asset: remember((name) => {
      const terms = market.assets.get(name);
      if (terms === undefined) throw new UnknownInMarket("asset", name);
      const { priceE8 } = underlyingOf(market, terms.underlying);
      const { underlying, decimals, haircutBps, depthE8 } = terms;
      return {
        underlying,
        decimals,
        depthE8,
        prices: collateralPrices(priceE8, haircutBps, shocks(underlying).priceShocksBps),
      };
    }),
  };
}

function remember<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}

/** @throws {UnknownInMarket} */
export function underlyingOf(market: RiskMarket, name: string): MarketUnderlying {
  const underlying = market.underlyings.get(name);
  if (underlying === undefined) throw new UnknownInMarket("underlying", name);
  return underlying;
}

/** What an expiry is priced by: its own terms, or its underlying's. */
export function expiryOf(underlying: MarketUnderlying, expirySeconds: number): MarketExpiry {
  return underlying.expiries?.get(expirySeconds) ?? underlying;
}

/** Whole seconds until a dated instrument expires, at least 0. */
export function secondsToExpiry(market: RiskMarket, terms: MarketInstrument): number {
  if (terms.kind === "perpetual") return 0;
  if (terms.expirySeconds === undefined) throw new UnpricedInstrumentKind(terms.kind);
  return Math.max(0, terms.expirySeconds - market.nowSeconds);
}

function priceInstrument(
  market: RiskMarket,
  name: string,
  shocks: (underlying: string) => UnderlyingShocks,
  expiries: (key: string) => ExpiryScenarios,
): PricedInstrument {
  const terms = market.instruments.get(name);
  if (terms === undefined) throw new UnknownInMarket("instrument", name);
  const { kind, multiplierE8, underlying, settlementE8 } = terms;
  const known = underlyingOf(market, underlying);
  const seconds = secondsToExpiry(market, terms);
  if (settlementE8 !== undefined) return settledInstrument(market, terms, settlementE8);
  const dated =
    kind === "perpetual" ? undefined : datedMarket(market, terms, expiries(`${terms.expirySeconds}@${underlying}`));
  const prices = riskArray(terms, known.priceE8, shocks(underlying).priceShocksBps, dated);
  const notional = divDown(known.priceE8 * multiplierE8, oneE8);
  const unit = { kind, notionalE8: notional, secondsToExpiry: seconds, prices };
  const charged = chargeUnit(prices, unitCharges(unit, terms.charges));
  const funding = terms.fundingE8 ?? 0n;
  return {
    kind,
    underlying,
    funding,
    mark: prices[0] ?? 0n,
    notional,
    charge: charged.charge,
    prices: funding === 0n ? charged.prices : charged.prices.map((price) => price - funding),
  };
}

function settledInstrument(
  { scenarios }: RiskMarket,
  { kind, underlying }: MarketInstrument,
  settlementE8: bigint,
): PricedInstrument {
  const prices = new BigInt64Array(scenarios.priceShocksBps.length / scenarios.underlyings.length).fill(settlementE8);
  return { kind, underlying, funding: 0n, mark: settlementE8, notional: 0n, charge: 0n, prices };
}

function datedMarket(
  market: RiskMarket,
  { kind, underlying, strikeE8, expirySeconds }: MarketInstrument,
  expiry: ExpiryScenarios,
) {
  if (kind !== "call" && kind !== "put") return { expiry };
  const { surface, volatilityBps } = underlyingOf(market, underlying);
  const forwardE8 = expiry.forwardsE8[0];
  if (surface === undefined || strikeE8 === undefined || expirySeconds === undefined || forwardE8 === undefined) {
    throw new UnpricedInstrumentKind(kind);
  }
  // At expiry an option is what it pays, whatever volatility is said; the surface has none for that instant.
  if (expirySeconds <= market.nowSeconds) return { expiry, volatilityE8: oneE8 };
  const point = { forwardE8, strikeE8, expirySeconds, nowSeconds: market.nowSeconds };
  const moved = mulDivDown(impliedVolatilityE8(surface, point), volatilityBps, oneBps);
  const { leastVolatilityE8, mostVolatilityE8 } = pricingLimits;
  return { expiry, volatilityE8: max(leastVolatilityE8, min(mostVolatilityE8, moved)) };
}
