import { addExposure, concentrationCharge, type NetExposure, noExposure } from "@plimsoll/risk/charges/concentration";
import { type InstrumentPrices, instrumentStatus } from "../epoch.ts";
import type { InstrumentId, UnderlyingId } from "../ids.ts";
import type { InstrumentKind, Portfolio, RiskState } from "../state.ts";

/** What an instrument adds to an account's exposure. */
interface Exposed {
  readonly kind: InstrumentKind;
  readonly underlying: UnderlyingId;
  readonly notional: bigint;
  readonly depthE8: bigint;
}

/** Of every instrument that somebody would have to trade out of; a settled one pays out by itself. */
export type Exposures = ReadonlyMap<InstrumentId, Exposed>;

export function exposuresOf(risk: RiskState, prices: ReadonlyMap<InstrumentId, InstrumentPrices>): Exposures {
  const exposures = new Map<InstrumentId, Exposed>();
  for (const [id, { kind, underlying }] of risk.instruments) {
    const priced = prices.get(id);
    const depthE8 = risk.underlyings.get(underlying)?.depthE8;
    if (priced === undefined || depthE8 === undefined || priced.status === instrumentStatus.settled) continue;
    exposures.set(id, { kind, underlying, notional: priced.notional, depthE8 });
  }
  return exposures;
}

/**
 * What it costs that an account's positions on all chains are large against their markets: USD E8, rounded up.
 *
 * It speaks of the positions at the cut. What has grown unseen is charged an epoch later, so it is a cushion for the cost
 * of liquidation and no part of the bound on losses; it only ever makes the capacity smaller.
 */
export function concentrationOf(exposures: Exposures, portfolios: readonly Portfolio[]): bigint {
  const byUnderlying = new Map<UnderlyingId, { exposure: NetExposure; depthE8: bigint }>();
  for (const { positions } of portfolios) {
    for (const [id, size] of positions) {
      const exposed = exposures.get(id);
      if (exposed === undefined) continue;
      const { kind, underlying, notional, depthE8 } = exposed;
      const before = byUnderlying.get(underlying)?.exposure ?? noExposure;
      byUnderlying.set(underlying, { exposure: addExposure(before, kind, size, notional), depthE8 });
    }
  }
  let charge = 0n;
  for (const { exposure, depthE8 } of byUnderlying.values()) charge += concentrationCharge(exposure, depthE8);
  return charge;
}
