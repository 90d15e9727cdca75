import { RiskError } from "../errors.ts";
import { abs, divUp, max, min, mulUp } from "../fixed-point.ts";

/** Between what bounds an account's position in one underlying may act, USD of notional with 8 decimals, long positive. */
export interface NetExposure {
  readonly low: bigint;
  readonly high: bigint;
}

/** No position. */
export const noExposure: NetExposure = { low: 0n, high: 0n };

/**
 * A position added to what the account holds of its underlying, on any chain.
 *
 * Perpetuals and futures count in full, with their sign. An option acts like anything from nothing to a whole unit, so it
 * widens the interval by its notional on the one side it can act on: long calls and short puts up, the others down.
 * Hedges of linear instruments across chains net; an option nets with nothing but is never counted on the wrong side.
 *
 * @param sizeE8 Units, negative for a short.
 * @param notionalE8 USD a unit: index * multiplier.
 * @example addExposure(noExposure, "perpetual", -200_000_000n, 100_00000000n) // { low: -200_00000000n, high: -200_00000000n }
 */
export function addExposure(
  { low, high }: NetExposure,
  kind: "perpetual" | "future" | "call" | "put",
  sizeE8: bigint,
  notionalE8: bigint,
): NetExposure {
  const magnitude = mulUp(abs(sizeE8), notionalE8);
  const signed = sizeE8 < 0n ? -magnitude : magnitude;
  if (kind === "perpetual" || kind === "future") return { low: low + signed, high: high + signed };
  const acting = kind === "call" ? signed : -signed;
  return { low: low + min(0n, acting), high: high + max(0n, acting) };
}

/** A depth that nothing can be sold into. */
export class InvalidDepth extends RiskError {
  constructor() {
    super(
      "INVALID_DEPTH",
      "The market depth is not positive.",
      "Register the size of which half the value would be lost if it were sold at once: 49 times what costs 2 %.",
    );
  }
}

/**
 * What a position costs that is large against its market, USD with 8 decimals, rounded up: X^2 / (X + depth), where X is
 * the larger end of the exposure.
 *
 * Selling X into a constant product market of depth D gives X * D / (D + X), which leaves X^2 / (X + D): the square at
 * first (impact in proportion to size, A. Kyle, "Continuous auctions and insider trading", Econometrica 53 (1985)), never more
 * than X. Convex in X: two halves cost less than the whole, so it is *not* subadditive and must be taken once, of the
 * account's exposure on all chains, out of its capacity.
 *
 * @param depthE8 USD with 8 decimals: the size of which half would be lost.
 * @throws {InvalidDepth}
 * @example concentrationCharge({ low: 0n, high: 1_000_000_00000000n }, 99_000_000_00000000n) // 10_000_00000000n
 */
export function concentrationCharge({ low, high }: NetExposure, depthE8: bigint): bigint {
  if (depthE8 <= 0n) throw new InvalidDepth();
  const size = max(abs(low), abs(high));
  return divUp(size * size, size + depthE8);
}
