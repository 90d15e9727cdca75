import { lnRatio } from "../pricing/option.ts";
import { bracketExpiry } from "./bracket.ts";
import type { VolatilitySlice, VolatilitySurface } from "./surface.ts";

/** w(k) / w(0), with its first and second derivative. */
export interface SmileShape {
  readonly value: number;
  readonly slope: number;
  readonly bend: number;
}

/** A slice's smile relative to the money, at log-moneyness k. */
export function smileShape(slice: Pick<VolatilitySlice, "skewE8" | "curvatureE8">, k: number): SmileShape {
  const skew = Number(slice.skewE8) / 1e8;
  const curvature = Number(slice.curvatureE8) / 1e8;
  const line = 1 + skew * k;
  const root = Math.sqrt(line * line + 2 * curvature * k * k);
  if (root === 0) return { value: 0, slope: 0, bend: 0 };
  // Where the line is negative, line + root would cancel.
  const value = line >= 0 ? (line + root) / 2 : (curvature * k * k) / (root - line);
  const slope = (skew + (skew * line + 2 * curvature * k) / root) / 2;
  return { value, slope, bend: curvature / (root * root * root) };
}

/** volatility^2 * seconds at log-moneyness k: a slice's total variance, in seconds. */
function varianceSeconds(slice: VolatilitySlice, nowSeconds: number, k: number): number {
  const level = Number(slice.atTheMoneyE8) / 1e8;
  return level * level * (slice.expirySeconds - nowSeconds) * smileShape(slice, k).value;
}

/** Where an option lies on a surface. */
export interface SurfacePoint {
  readonly forward: number;
  readonly strike: number;
  readonly expirySeconds: number;
  readonly nowSeconds: number;
}

/**
 * The implied volatility of a strike, in doubles; 1 is 100 %. See `impliedVolatilityE8`, with which it agrees to 2e-8.
 * @throws {OutsideVolatilitySurface}
 */
export function impliedVolatility(surface: VolatilitySurface, point: SurfacePoint): number {
  const { forward, strike, expirySeconds, nowSeconds } = point;
  const { earlier, later } = bracketExpiry(surface, expirySeconds, nowSeconds);
  const k = lnRatio(strike, forward);
  const laterVariance = varianceSeconds(later, nowSeconds, k);
  if (earlier === undefined) return Math.sqrt(laterVariance / (later.expirySeconds - nowSeconds));
  const earlierVariance = varianceSeconds(earlier, nowSeconds, k);
  const weight = (expirySeconds - earlier.expirySeconds) / (later.expirySeconds - earlier.expirySeconds);
  const variance = earlierVariance + (laterVariance - earlierVariance) * weight;
  return Math.sqrt(variance / (expirySeconds - nowSeconds));
}
