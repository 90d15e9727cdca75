import { divDown, oneBps, oneE8 } from "@plimsoll/risk/fixed-point";
import { isPricedKind, riskArray } from "@plimsoll/risk/risk-array";
import { priceShocksOf } from "@plimsoll/risk/scenarios";
import { type InstrumentPrices, instrumentStatus } from "../epoch.ts";
import type { InstrumentId, UnderlyingId } from "../ids.ts";
import type { HubState } from "../state.ts";

/** Today's prices of instruments. */
export interface PricedInstruments {
  /** All that can be priced, also by a stale feed: portfolios are valued with these. */
  readonly all: ReadonlyMap<InstrumentId, InstrumentPrices>;
  /** Those with a fresh feed. Only these get leaves: nobody trades at a price that nobody vouches for. */
  readonly tradable: ReadonlyMap<InstrumentId, InstrumentPrices>;
}

/** An underlying's price, or null where the feed has none or the scenario set does not stress it. */
export function usablePriceE8(hub: HubState, underlying: UnderlyingId): bigint | null {
  const price = hub.prices.get(underlying)?.priceE8 ?? 0n;
  return price > 0n && hub.risk.scenarios.underlyings.includes(underlying) ? price : null;
}

/** Whether the feed's last answer was too old at the hub's cut block. */
export function isStale(hub: HubState, underlying: UnderlyingId, hubTimestampSeconds: number): boolean {
  const price = hub.prices.get(underlying);
  const registered = hub.risk.underlyings.get(underlying);
  if (price === undefined || registered === undefined) return true;
  return price.updatedAtSeconds + registered.maxAgeSeconds < hubTimestampSeconds;
}

/** Prices every registered instrument that has a model, an index price and a notional. */
export function priceInstruments(hub: HubState, hubTimestampSeconds: number): PricedInstruments {
  const all = new Map<InstrumentId, InstrumentPrices>();
  const tradable = new Map<InstrumentId, InstrumentPrices>();
  for (const [id, instrument] of hub.risk.instruments) {
    const indexE8 = usablePriceE8(hub, instrument.underlying);
    if (indexE8 === null || !isPricedKind(instrument.kind)) continue;
    const notional = divDown(indexE8 * instrument.multiplierE8, oneE8);
    // A unit worth less than the eighth decimal has no notional to limit it by.
    if (notional === 0n) continue;
    const prices = riskArray(instrument, indexE8, priceShocksOf(hub.risk.scenarios, instrument.underlying));
    const priced: InstrumentPrices = {
      status: instrumentStatus.active,
      mark: prices[0] ?? 0n,
      notional,
      charge: divDown(notional * BigInt(instrument.chargeBps) + oneBps - 1n, oneBps),
      settlement: 0n,
      funding: 0n,
      stressBps: 10_000,
      prices,
    };
    all.set(id, priced);
    if (!isStale(hub, instrument.underlying, hubTimestampSeconds)) tradable.set(id, priced);
  }
  return { all, tradable };
}
