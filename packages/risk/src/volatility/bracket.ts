import { OutsideVolatilitySurface } from "./errors.ts";
import type { VolatilitySlice, VolatilitySurface } from "./surface.ts";

/** The slices on both sides of an expiry. Without an earlier one the later one's volatility holds back to now. */
export interface Bracket {
  readonly earlier: VolatilitySlice | undefined;
  readonly later: VolatilitySlice;
}

/**
 * Finds the slices that an expiry lies between. Slices that have expired are passed over: their variance is spent.
 * @throws {OutsideVolatilitySurface} for a time that is not ahead, or past the last slice.
 */
export function bracketExpiry(surface: VolatilitySurface, expirySeconds: number, nowSeconds: number): Bracket {
  if (expirySeconds <= nowSeconds) throw new OutsideVolatilitySurface("the expiry is not ahead");
  const index = surface.slices.findIndex((slice) => slice.expirySeconds >= expirySeconds);
  const later = surface.slices[index];
  if (later === undefined) throw new OutsideVolatilitySurface("the expiry is past the surface's last one");
  const before = surface.slices[index - 1];
  return { earlier: before !== undefined && before.expirySeconds > nowSeconds ? before : undefined, later };
}
