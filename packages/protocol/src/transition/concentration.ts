import { addExposure, concentrationCharge, type NetExposure, noExposure } from "@plimsoll/risk/charges/concentration";
import { type InstrumentPrices, instrumentStatus } from "../epoch.ts";
import type { InstrumentId, UnderlyingId } from "../ids.ts";
import type { InstrumentKind, Portfolio, RiskState } from "../state.ts";

/** What an instrument adds to an account's exposure. */
interface Exposed {
  readonly kind: InstrumentKind;
  readonly notional: bigint;
  /** Index of its underlying in `depths`. */
  readonly column: number;
}

/** What positions are large against. */
export interface Exposures {
  /** Every instrument that somebody would have to trade out of; a settled one pays out by itself. */
  readonly instruments: ReadonlyMap<InstrumentId, Exposed>;
  /** Of each underlying, USD E8. */
  readonly depths: readonly bigint[];
}

export function exposuresOf(risk: RiskState, prices: ReadonlyMap<InstrumentId, InstrumentPrices>): Exposures {
  const columns = new Map<UnderlyingId, number>([...risk.underlyings.keys()].map((id, column) => [id, column]));
  const instruments = new Map<InstrumentId, Exposed>();
  for (const [id, { kind, underlying }] of risk.instruments) {
    const priced = prices.get(id);
    const column = columns.get(underlying);
    if (priced === undefined || column === undefined || priced.status === instrumentStatus.settled) continue;
    instruments.set(id, { kind, notional: priced.notional, column });
  }
  return { instruments, depths: [...risk.underlyings.values()].map(({ depthE8 }) => depthE8) };
}

/**
 * What it costs that an account's positions on all chains are large against their markets: USD E8, rounded up.
 *
 * It speaks of the positions at the cut. What has grown unseen is charged an epoch later, so it is a cushion for the cost
 * of liquidation and no part of the bound on losses; it only ever makes the capacity smaller.
 */
export function concentrationOf({ instruments, depths }: Exposures, portfolios: readonly Portfolio[]): bigint {
  let exposures: (NetExposure | undefined)[] | undefined;
  for (const { positions } of portfolios) {
    for (const [id, size] of positions) {
      const exposed = instruments.get(id);
      if (exposed === undefined) continue;
      exposures ??= depths.map(() => undefined);
      const { kind, notional, column } = exposed;
      exposures[column] = addExposure(exposures[column] ?? noExposure, kind, size, notional);
    }
  }
  let charge = 0n;
  exposures?.forEach((exposure, column) => {
    if (exposure !== undefined) charge += concentrationCharge(exposure, depths[column] as bigint);
  });
  return charge;
}
