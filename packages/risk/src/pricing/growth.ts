import { oneE8 } from "../fixed-point.ts";
import { expQ128 } from "../numerics/exp.ts";
import { fractionBits, oneQ128 } from "../numerics/q128.ts";
import { secondsPerYear } from "./limits.ts";

/** Bounds of e^(rate * time), Q128. */
export interface GrowthFactor {
  readonly low: bigint;
  readonly high: bigint;
}

/** No growth. */
const none: GrowthFactor = { low: oneQ128, high: oneQ128 };

/** At most e^10; the exponential is within 2^-122 * e^10 < 2^-107. */
const error = 1n << (fractionBits - 107n);

/** e^(rate * time), continuously compounded over Actual/365 Fixed; exactly one without a rate or at expiry. */
export function growthFactor(rateE8: bigint, seconds: number): GrowthFactor {
  if (rateE8 === 0n || seconds === 0) return none;
  const exponent = ((rateE8 * BigInt(seconds)) << fractionBits) / (oneE8 * BigInt(secondsPerYear));
  const factor = expQ128(exponent);
  return { low: factor - error, high: factor + error };
}
