import { RiskError } from "@plimsoll/risk/errors";
import { max, min } from "@plimsoll/risk/fixed-point";
import { type ExpiryScenarios, expiryScenarios } from "@plimsoll/risk/pricing/expiry-scenarios";
import { pricingLimits } from "@plimsoll/risk/pricing/limits";
import { expectedAverageE8 } from "@plimsoll/risk/pricing/settlement-average";
import { standardVolatilityTerm } from "@plimsoll/risk/shocks/volatility-term";
import { impliedVolatilityE8 } from "@plimsoll/risk/volatility/implied-volatility-integer";
import type { VolatilitySlice } from "@plimsoll/risk/volatility/surface";
import { validateVolatilitySurface } from "@plimsoll/risk/volatility/validate-surface";
import { settlementWindowSeconds } from "../settlement.ts";
import type { ExpiryAverage, ExpiryTerms } from "../state.ts";
import type { UnderlyingMarket } from "./markets.ts";

/** What instruments of one expiry are priced from. */
export interface ExpiryMarket {
  readonly scenarios: ExpiryScenarios;
  readonly secondsToExpiry: number;
  /** The smile, or null where no options are registered for the expiry. */
  readonly slice: VolatilitySlice | null;
}

/**
 * One expiry's scenarios.
 *
 * Inside the window before the expiry a part of the settlement price is fixed already. What is priced is the average as it
 * would be if the index stayed where it is, so that nothing jumps when it becomes final. The shocks still move all of it:
 * more than they can, and against both sides.
 *
 * @param cutSeconds Time of the hub's cut block: up to it the average is known.
 * @throws {RiskError} where prices or rates leave the pricers' limits.
 */
export function priceExpiry(
  market: UnderlyingMarket,
  terms: ExpiryTerms,
  expirySeconds: number,
  average: ExpiryAverage | undefined,
  time: { readonly nowSeconds: number; readonly cutSeconds: number },
): ExpiryMarket {
  const secondsToExpiry = Math.max(0, expirySeconds - time.nowSeconds);
  const { priceShocksBps, volatilityShocksBps } = market.shocks;
  const scenarios = expiryScenarios({
    indexE8: indexAt(market.priceE8, average, expirySeconds - time.cutSeconds),
    basisRateE8: terms.basisRateE8,
    discountRateE8: terms.discountRateE8,
    secondsToExpiry,
    priceShocksBps,
    volatilityShocksBps,
    volatilityTerm: standardVolatilityTerm,
  });
  return { scenarios, secondsToExpiry, slice: sliceOf(expirySeconds, terms) };
}

function indexAt(indexE8: bigint, average: ExpiryAverage | undefined, secondsLeft: number): bigint {
  if (average === undefined) return indexE8;
  const left = Math.min(settlementWindowSeconds, Math.max(0, secondsLeft));
  return expectedAverageE8(indexE8, { ...average, secondsLeft: left });
}

function sliceOf(expirySeconds: number, { atTheMoneyE8, skewE8, curvatureE8 }: ExpiryTerms): VolatilitySlice | null {
  return atTheMoneyE8 === 0n ? null : { expirySeconds, atTheMoneyE8, skewE8, curvatureE8 };
}

/** The volatility of a strike, from its own expiry's smile, within the pricers' limits. At the expiry it is of no account. */
export function volatilityOf(slice: VolatilitySlice, strikeE8: bigint, expiry: ExpiryMarket): bigint {
  if (expiry.secondsToExpiry === 0) return pricingLimits.leastVolatilityE8;
  const volatility = impliedVolatilityE8(
    { slices: [slice] },
    {
      forwardE8: expiry.scenarios.forwardsE8[0] ?? 1n,
      strikeE8,
      expirySeconds: slice.expirySeconds,
      nowSeconds: slice.expirySeconds - expiry.secondsToExpiry,
    },
  );
  return max(pricingLimits.leastVolatilityE8, min(pricingLimits.mostVolatilityE8, volatility));
}

/**
 * The expiries of one underlying whose smiles could be traded against those registered before them for nothing. Options of
 * these are reduce-only: nobody is to open a position at such prices, and whoever holds one must be able to get out.
 *
 * Smiles are taken in the order in which they were registered, each kept if it fits those kept before it, so that a bad
 * one refuses itself and none of the others. All are judged as of the last registration, not as of today: a surface that
 * was accepted stays so until somebody registers something. The check uses +, -, *, / and square roots of doubles alone,
 * each of which IEEE 754 defines to the last bit; every machine refuses the same.
 */
export function refusedExpiries(expiries: ReadonlyMap<number, ExpiryTerms>): ReadonlySet<number> {
  const known = judged.get(expiries);
  if (known) return known;
  const refused = judge(expiries);
  judged.set(expiries, refused);
  return refused;
}

/** It depends on the terms alone, so one and the same map is judged once. */
const judged = new WeakMap<ReadonlyMap<number, ExpiryTerms>, ReadonlySet<number>>();

function judge(expiries: ReadonlyMap<number, ExpiryTerms>): ReadonlySet<number> {
  const slices = [...expiries].flatMap(([expirySeconds, terms]) => {
    const slice = sliceOf(expirySeconds, terms);
    return slice === null ? [] : [{ slice, setAtSeconds: terms.setAtSeconds }];
  });
  const judgedAt = slices.reduce((latest, { setAtSeconds }) => Math.max(latest, setAtSeconds), 0);
  slices.sort((a, b) => a.setAtSeconds - b.setAtSeconds || a.slice.expirySeconds - b.slice.expirySeconds);
  const refused = new Set<number>();
  let kept: VolatilitySlice[] = [];
  for (const { slice } of slices) {
    if (slice.expirySeconds <= judgedAt) continue;
    const candidate = [...kept, slice].sort((a, b) => a.expirySeconds - b.expirySeconds);
    try {
      validateVolatilitySurface({ slices: candidate }, judgedAt);
      kept = candidate;
    } catch (error) {
      if (!(error instanceof RiskError)) throw error;
      refused.add(slice.expirySeconds);
    }
  }
  return refused;
}
