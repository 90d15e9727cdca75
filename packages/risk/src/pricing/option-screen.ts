import { normalCdf, normalDensity } from "../numerics/normal.ts";

/** An option's undiscounted time value in doubles and a bound on its error, both in units of the eighth decimal. */
export interface Screen {
  value: number;
  error: number;
}

/** The integer pricer's own enclosure is narrower than this, in units of the eighth decimal. */
const integerSlack = 2 ** -30;

/**
 * The time value in doubles with a bound that no rounding error can pass, written into `screen`.
 *
 * As in `timeValue` of the integer pricer: a N(u) - b N(l), u = x/s + s/2, l = x/s - s/2. An error of x shifts u and l
 * alike and cancels, because a phi(u) = b phi(l); what stays are N's own relative error (below 16 u, u = 2^-53), the
 * roundings of u and l (relative, a few u), and those of s. The bound allows for at least twice of each. Only operations
 * that IEEE 754 defines are used.
 */
export function screenTimeValue(a: number, b: number, logRatio: number, deviation: number, screen: Screen): void {
  const center = logRatio / deviation;
  const half = deviation / 2;
  const upper = center + half;
  const lower = center - half;
  if (upper < -12) {
    // N(-12) is 2e-33: times 10 billion USD still far below any digit.
    screen.value = 0;
    screen.error = integerSlack;
    return;
  }
  const first = a * normalCdf(upper);
  const second = b * normalCdf(lower);
  const density = a * normalDensity(upper);
  screen.value = first - second;
  screen.error =
    2 ** -48 * (first + second) + 2 ** -49 * density * (Math.abs(upper) + Math.abs(lower) + deviation) + integerSlack;
}
