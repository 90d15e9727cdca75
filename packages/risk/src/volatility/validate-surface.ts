import { pricingLimits } from "../pricing/limits.ts";
import { InvalidVolatilitySurface } from "./errors.ts";
import { type SmileShape, smileShape } from "./implied-volatility.ts";
import type { VolatilitySlice, VolatilitySurface } from "./surface.ts";

const mostSlices = 64;
const mostShapeE8 = 10n ** 13n;
const secondsPerYear = 31_536_000;
/** Doubles: a relative breach smaller than this is rounding. */
const tolerance = 1e-12;

/** Log-moneyness at which surfaces are examined: 0 and +-(1 + i/8) 2^e / 1024, i = 0..7, e = 0..11: from 0.1 % to 3.75. */
export const arbitrageGrid: readonly number[] = [
  0,
  ...Array.from({ length: 96 }, (_, i) => ((1 + (i % 8) / 8) * 2 ** Math.floor(i / 8)) / 1024).flatMap((k) => [k, -k]),
];

/** Where between two expiries butterflies are looked for: shares of the way. */
const between = [1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8];

/** Total variance of a slice, with its derivatives. */
function totalVariance(slice: VolatilitySlice, nowSeconds: number, k: number): SmileShape {
  const money = moneyVariance(slice, nowSeconds);
  const { value, slope, bend } = smileShape(slice, k);
  return { value: money * value, slope: money * slope, bend: money * bend };
}

function moneyVariance(slice: VolatilitySlice, nowSeconds: number): number {
  const level = Number(slice.atTheMoneyE8) / 1e8;
  return (level * level * (slice.expirySeconds - nowSeconds)) / secondsPerYear;
}

/** sqrt(2 curvature + skew^2): SSVI's phi. */
function wingSteepness({ skewE8, curvatureE8 }: VolatilitySlice): number {
  const skew = Number(skewE8) / 1e8;
  return Math.sqrt((2 * Number(curvatureE8)) / 1e8 + skew * skew);
}

/**
 * Durrleman's density factor: prices of butterflies are nowhere negative where this is not (Gatheral and Jacquier 2014,
 * lemma 2.2). g(k) = (1 - k w' / 2w)^2 - w'^2 / 4 (1 / w + 1 / 4) + w'' / 2.
 */
export function butterflyDensity({ value, slope, bend }: SmileShape, k: number): number {
  const skewed = 1 - (k * slope) / (2 * value);
  return skewed * skewed - ((slope * slope) / 4) * (1 / value + 1 / 4) + bend / 2;
}

function refuseMalformed(slice: VolatilitySlice, name: string): void {
  const { expirySeconds, atTheMoneyE8, skewE8, curvatureE8 } = slice;
  if (!Number.isSafeInteger(expirySeconds)) throw new InvalidVolatilitySurface(`${name} is not at a whole second`);
  if (atTheMoneyE8 < pricingLimits.leastVolatilityE8 || atTheMoneyE8 > pricingLimits.mostVolatilityE8) {
    throw new InvalidVolatilitySurface(`${name} has a level outside 0.1 % to 2000 %`);
  }
  if (curvatureE8 < 0n) throw new InvalidVolatilitySurface(`${name} has negative curvature, a butterfly below nothing`);
  if (curvatureE8 === 0n && skewE8 !== 0n) {
    throw new InvalidVolatilitySurface(`${name} has skew without curvature: one wing falls to no variance`);
  }
  if (curvatureE8 > mostShapeE8 || skewE8 > mostShapeE8 || skewE8 < -mostShapeE8) {
    throw new InvalidVolatilitySurface(`${name} has a skew or curvature above 100,000`);
  }
}

/**
 * Theorem 4.2 of Gatheral and Jacquier 2014: a slice has no butterfly arbitrage at any strike if
 * theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4. Sufficient; a little is refused that would do.
 */
function refuseButterfly(slice: VolatilitySlice, nowSeconds: number, name: string): void {
  const theta = moneyVariance(slice, nowSeconds);
  const phi = wingSteepness(slice);
  const wing = phi + Math.abs(Number(slice.skewE8)) / 1e8;
  if (theta * wing >= 4) throw new InvalidVolatilitySurface(`${name} has butterfly arbitrage in the wings`);
  if (theta * phi * wing > 4) throw new InvalidVolatilitySurface(`${name} has butterfly arbitrage near the money`);
}

function refuseBetween(earlier: VolatilitySlice, later: VolatilitySlice, nowSeconds: number, name: string): void {
  for (const k of arbitrageGrid) {
    const [a, b] = [totalVariance(earlier, nowSeconds, k), totalVariance(later, nowSeconds, k)];
    if (b.value < a.value * (1 - tolerance)) {
      throw new InvalidVolatilitySurface(`${name} has calendar arbitrage at log-moneyness ${k.toFixed(3)}`);
    }
    for (const share of between) {
      const mix = (x: number, y: number) => x + (y - x) * share;
      const mixed = { value: mix(a.value, b.value), slope: mix(a.slope, b.slope), bend: mix(a.bend, b.bend) };
      if (butterflyDensity(mixed, k) < -tolerance) {
        throw new InvalidVolatilitySurface(`${name} has butterfly arbitrage ahead of it at ${k.toFixed(3)}`);
      }
    }
  }
  refuseCrossingWings(earlier, later, nowSeconds, name);
}

/** Past the grid the wings are straight: w ~ theta (phi +- skew) / 2 * |k|. */
function refuseCrossingWings(a: VolatilitySlice, b: VolatilitySlice, nowSeconds: number, name: string): void {
  for (const side of [1, -1]) {
    const slope = (slice: VolatilitySlice) =>
      moneyVariance(slice, nowSeconds) * (wingSteepness(slice) + (side * Number(slice.skewE8)) / 1e8);
    if (slope(b) < slope(a) * (1 - tolerance)) {
      throw new InvalidVolatilitySurface(`${name} has calendar arbitrage in the far wings`);
    }
  }
}

/**
 * Refuses a surface whose prices could be traded against each other for nothing.
 *
 * Each expiry by itself: butterflies, by a sufficient condition that holds for all strikes. Two neighbours: calendar
 * spreads (total variance may not fall), on `arbitrageGrid` and in the limit of far strikes; and butterflies at seven
 * times between them, on the grid. Ahead of the first expiry none can arise: total variance is scaled down, and the density factor
 * is concave in that scale and not negative at both ends. Only +, -, *, / and square roots of doubles are used, which
 * IEEE 754 defines to the last bit, so that every machine accepts the same surfaces.
 *
 * Slices that have expired are not allowed in a new surface; they may stay in a registered one.
 *
 * @throws {InvalidVolatilitySurface}
 * @example
 * validateVolatilitySurface({ slices: [{ expirySeconds: 2_592_000, atTheMoneyE8: 60_000_000n, skewE8: -50_000_000n,
 *   curvatureE8: 300_000_000n }] }, 0)
 */
export function validateVolatilitySurface(surface: VolatilitySurface, nowSeconds: number): void {
  const { slices } = surface;
  if (slices.length === 0 || slices.length > mostSlices) {
    throw new InvalidVolatilitySurface(`it has ${slices.length} expiries, not 1 to ${mostSlices}`);
  }
  let previous: VolatilitySlice | undefined;
  for (const [index, slice] of slices.entries()) {
    const name = `expiry ${index + 1}`;
    refuseMalformed(slice, name);
    if (slice.expirySeconds <= (previous?.expirySeconds ?? nowSeconds)) {
      throw new InvalidVolatilitySurface(`${name} is not after ${previous === undefined ? "now" : "the one before"}`);
    }
    refuseButterfly(slice, nowSeconds, name);
    if (previous !== undefined) refuseBetween(previous, slice, nowSeconds, name);
    previous = slice;
  }
}
