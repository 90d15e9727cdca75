import { chargeUnit, unitCharges } from "@plimsoll/risk/charges/unit-charges";
import { RiskError } from "@plimsoll/risk/errors";
import { abs, divDown, max, oneE8 } from "@plimsoll/risk/fixed-point";
import { unitPriceDown } from "@plimsoll/risk/pricing/future";
import { riskArray } from "@plimsoll/risk/risk-array";
import { type InstrumentPrices, type InstrumentStatus, instrumentStatus } from "../epoch.ts";
import type { InstrumentId, UnderlyingId } from "../ids.ts";
import type { HubState, Instrument } from "../state.ts";
import { type ExpiryMarket, priceExpiry, refusedExpiries, volatilityOf } from "./expiries.ts";
import type { Markets, UnderlyingMarket } from "./markets.ts";

/** Today's prices of instruments. */
export interface PricedInstruments {
  /** All that can be priced, also by a feed that nobody relies on: portfolios are valued with these. */
  readonly all: ReadonlyMap<InstrumentId, InstrumentPrices>;
  /** Those that get leaves: not those whose feed has been silent for too long, nor settled ones that nobody holds. */
  readonly tradable: ReadonlyMap<InstrumentId, InstrumentPrices>;
  /** Those whose feed is no longer fresh: a price that liquidates nobody, and by which nobody takes collateral away. */
  readonly uncertain: ReadonlySet<InstrumentId>;
}

/** The instants that prices depend on. */
export interface PricingTime {
  /** The later of the hub's clock and the operators'. */
  readonly nowSeconds: number;
  /** Of the hub's cut block. */
  readonly cutSeconds: number;
}

/** Prices every registered instrument that can be priced. One that cannot is left out; it never stops the others. */
export function priceInstruments(
  hub: HubState,
  markets: Markets,
  time: PricingTime,
  isHeld: (instrument: InstrumentId) => boolean,
): PricedInstruments {
  const all = new Map<InstrumentId, InstrumentPrices>();
  const tradable = new Map<InstrumentId, InstrumentPrices>();
  const uncertain = new Set<InstrumentId>();
  const pricer = makePricer(hub, markets, time);
  for (const [id, instrument] of hub.risk.instruments) {
    const settled = settledPrices(hub, instrument);
    const market = markets.get(instrument.underlying);
    const priced = settled ?? (market && pricer(instrument, market, hub.fundingIndex.get(id) ?? 0n));
    if (!priced) continue;
    all.set(id, priced);
    if (settled === null ? market?.trust !== "none" : isHeld(id)) tradable.set(id, priced);
    if (settled === null && market?.trust !== "fresh") uncertain.add(id);
  }
  return { all, tradable, uncertain };
}

/** What a unit of an expired instrument pays, USD E8; null before the settlement price is final. */
export function settlementOf(hub: HubState, instrument: Instrument): bigint | null {
  const { kind, multiplierE8, strikeE8 } = instrument;
  const indexE8 = settlementIndex(hub, instrument);
  if (indexE8 === null) return null;
  const intrinsicE8 = kind === "future" ? indexE8 : max(0n, kind === "call" ? indexE8 - strikeE8 : strikeE8 - indexE8);
  return unitPriceDown(intrinsicE8, multiplierE8);
}

function settlementIndex(hub: HubState, { kind, underlying, expirySeconds }: Instrument): bigint | null {
  if (kind === "perpetual") return null;
  return hub.averages.get(underlying)?.get(expirySeconds)?.settlementE8 ?? null;
}

/** An expired instrument's value, the same in every scenario for ever; null before the settlement price is final. */
function settledPrices(hub: HubState, instrument: Instrument): InstrumentPrices | null {
  const indexE8 = settlementIndex(hub, instrument);
  const settlement = settlementOf(hub, instrument);
  if (indexE8 === null || settlement === null) return null;
  const rows = hub.risk.scenarios.priceShocksBps.length / hub.risk.scenarios.underlyings.length;
  return {
    status: instrumentStatus.settled,
    mark: settlement,
    notional: max(1n, unitPriceDown(indexE8, instrument.multiplierE8)),
    charge: 0n,
    settlement,
    funding: 0n,
    stressBps: 10_000,
    prices: new BigInt64Array(rows).fill(settlement),
  };
}

/** Arrays net of a larger index would not fit 64 bits. It takes thousands of years to come near. */
const largestFunding = 1n << 59n;

function makePricer(hub: HubState, markets: Markets, time: PricingTime) {
  const refused = new Map<UnderlyingId, ReadonlySet<number>>();
  for (const [id, expiries] of hub.risk.expiries) if (markets.has(id)) refused.set(id, refusedExpiries(expiries));
  const expiries = new Map<string, ExpiryMarket | null>();

  const expiryOf = ({ underlying, expirySeconds }: Instrument, market: UnderlyingMarket): ExpiryMarket | null => {
    const key = `${underlying}:${expirySeconds}`;
    let known = expiries.get(key);
    if (known === undefined) {
      const terms = hub.risk.expiries.get(underlying)?.get(expirySeconds);
      const average = hub.averages.get(underlying)?.get(expirySeconds);
      known = terms === undefined ? null : priceExpiry(market, terms, expirySeconds, average, time);
      expiries.set(key, known);
    }
    return known;
  };

  /** The risk array before charges and funding, or null where nothing says how to price it. */
  const arrayOf = (instrument: Instrument, market: UnderlyingMarket, expiry: ExpiryMarket | null) => {
    const { kind, strikeE8 } = instrument;
    if (kind === "perpetual") return riskArray(instrument, market.priceE8, market.shocks.priceShocksBps);
    if (expiry === null) return null;
    if (kind === "future") return riskArray(instrument, market.priceE8, [], { expiry: expiry.scenarios });
    if (expiry.slice === null) return null;
    const volatilityE8 = volatilityOf(expiry.slice, strikeE8, expiry);
    return riskArray(instrument, market.priceE8, [], { expiry: expiry.scenarios, volatilityE8 });
  };

  const statusOf = ({ kind, underlying, expirySeconds }: Instrument, { trust }: UnderlyingMarket): InstrumentStatus => {
    if (trust !== "fresh") return instrumentStatus.reduceOnly;
    if (kind === "perpetual") return instrumentStatus.active;
    if (time.nowSeconds >= expirySeconds) return instrumentStatus.reduceOnly;
    const unsound = kind !== "future" && refused.get(underlying)?.has(expirySeconds);
    return unsound ? instrumentStatus.reduceOnly : instrumentStatus.active;
  };

  return (instrument: Instrument, market: UnderlyingMarket, funding: bigint): InstrumentPrices | null => {
    const notional = divDown(market.priceE8 * instrument.multiplierE8, oneE8);
    // A unit worth less than the eighth decimal has no notional to limit it by.
    if (notional === 0n || abs(funding) > largestFunding) return null;
    try {
      const expiry = instrument.kind === "perpetual" ? null : expiryOf(instrument, market);
      const uncharged = arrayOf(instrument, market, expiry);
      if (uncharged === null) return null;
      const unit = {
        kind: instrument.kind,
        notionalE8: notional,
        secondsToExpiry: expiry?.secondsToExpiry ?? 0,
        prices: uncharged,
      };
      const charged = chargeUnit(uncharged, unitCharges(unit, { ...instrument, spreadBps: instrument.chargeBps }));
      return {
        status: statusOf(instrument, market),
        mark: uncharged[0] ?? 0n,
        notional,
        charge: charged.charge,
        settlement: 0n,
        funding,
        stressBps: market.stressBps,
        prices: funding === 0n ? charged.prices : charged.prices.map((price) => price - funding),
      };
    } catch (error) {
      // Out of the pricers' range: it cannot be priced, and the rest can.
      if (error instanceof RiskError) return null;
      throw error;
    }
  };
}
