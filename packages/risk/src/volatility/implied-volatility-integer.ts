import { lnRatioQ128 } from "../numerics/log.ts";
import { fractionBits, oneQ128 } from "../numerics/q128.ts";
import { integerSqrt } from "../numerics/sqrt.ts";
import { requirePrice } from "../pricing/limits.ts";
import { bracketExpiry } from "./bracket.ts";
import type { VolatilitySlice, VolatilitySurface } from "./surface.ts";

const oneE8 = 100_000_000n;

/** Where an option lies on a surface, prices in USD with 8 decimals. */
export interface SurfacePointE8 {
  readonly forwardE8: bigint;
  readonly strikeE8: bigint;
  readonly expirySeconds: number;
  readonly nowSeconds: number;
}

/** volatility^2 * seconds, 16 decimals on top of Q128. */
function varianceSeconds(slice: VolatilitySlice, nowSeconds: number, k: bigint): bigint {
  const line = oneQ128 + (slice.skewE8 * k) / oneE8;
  const square = line * line + (2n * slice.curvatureE8 * k * k) / oneE8;
  const shape = (line + integerSqrt(square)) >> 1n;
  return slice.atTheMoneyE8 * slice.atTheMoneyE8 * BigInt(slice.expirySeconds - nowSeconds) * shape;
}

/**
 * The implied volatility of a strike, 8 decimals, rounded down; integers only.
 *
 * Between two expiries total variance is interpolated linearly in time at the same log-moneyness; ahead of the first
 * one its volatility at that log-moneyness holds.
 *
 * @throws {OutsideVolatilitySurface} for an expiry that has passed, or past the surface's last one.
 * @throws {InvalidPricingInput} where forward or strike are out of range.
 * @example
 * impliedVolatilityE8({ slices: [{ expirySeconds: 100, atTheMoneyE8: 60_000_000n, skewE8: 0n, curvatureE8: 0n }] },
 *   { forwardE8: 1n, strikeE8: 2n, expirySeconds: 50, nowSeconds: 0 }) // 60_000_000n
 */
export function impliedVolatilityE8(surface: VolatilitySurface, point: SurfacePointE8): bigint {
  const { forwardE8, strikeE8, expirySeconds, nowSeconds } = point;
  requirePrice("forward", forwardE8);
  requirePrice("strike", strikeE8);
  const { earlier, later } = bracketExpiry(surface, expirySeconds, nowSeconds);
  const k = lnRatioQ128(strikeE8, forwardE8);
  const laterVariance = varianceSeconds(later, nowSeconds, k);
  if (earlier === undefined) {
    return integerSqrt((laterVariance / BigInt(later.expirySeconds - nowSeconds)) >> fractionBits);
  }
  const earlierVariance = varianceSeconds(earlier, nowSeconds, k);
  const span = BigInt(later.expirySeconds - earlier.expirySeconds);
  const passed = BigInt(expirySeconds - earlier.expirySeconds);
  const variance = earlierVariance * (span - passed) + laterVariance * passed;
  return integerSqrt((variance / (span * BigInt(expirySeconds - nowSeconds))) >> fractionBits);
}
