import { erfc, gaussian } from "./error-function.ts";

const inverseSqrtTwoPi = 0.3989422804014327;

/** The standard normal density. */
export function normalDensity(x: number): number {
  return inverseSqrtTwoPi * gaussian(x);
}

/**
 * The standard normal distribution N(x) = erfc(-x / sqrt 2) / 2.
 *
 * Within 3e-15 of its value (relatively) down to x = -37, where it falls under the smallest normal double. The rounding
 * of x / sqrt 2 would cost x^2 / 2 units in the last place; the tail is therefore corrected by its derivative.
 *
 * @example normalCdf(-8) // 6.220960574271785e-16
 */
export function normalCdf(x: number): number {
  const scaled = -x * Math.SQRT1_2;
  const value = erfc(scaled) / 2;
  return value + normalDensity(x) * scaledError(x, scaled);
}

/** sqrt 2 as a sum of two doubles, the first short enough for exact products. */
const sqrtTwoHigh = 1.4142135381698608;
const sqrtTwoLow = 2.420323420895794e-8;

/** x + sqrt 2 * scaled: how far `scaled` is from -x / sqrt 2, in units of x. */
function scaledError(x: number, scaled: number): number {
  const high = Math.fround(scaled);
  const low = scaled - high;
  return x + high * sqrtTwoHigh + (high * sqrtTwoLow + low * Math.SQRT2);
}
