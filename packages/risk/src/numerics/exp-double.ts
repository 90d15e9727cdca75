import { expQ128 } from "./exp.ts";
import { fractionBits, ln2Q128, q128ToNumber } from "./q128.ts";

// ECMAScript leaves the last digits of Math.exp to the engine. Here only operations that IEEE 754 defines are used, so
// that doubles, too, come out the same everywhere.

const steps = 64;

/** 2^(j / 64), j = 0..63, nearest doubles. */
const powers = Float64Array.from({ length: steps }, (_, j) =>
  q128ToNumber(expQ128((ln2Q128 * BigInt(j)) / BigInt(steps))),
);

/** ln 2 / 64 as a sum of two doubles; the first ends in 32 zero bits, so that its products with small integers are exact. */
const stepHigh = Number((ln2Q128 / BigInt(steps)) >> (fractionBits - 38n)) / 2 ** 38;
const stepLow = q128ToNumber(ln2Q128 / BigInt(steps) - (BigInt(stepHigh * 2 ** 38) << (fractionBits - 38n)));
const inverseStep = 1 / (stepHigh + stepLow);

const bits = new DataView(new ArrayBuffer(8));

/** 2^exponent for a normal double's exponent. */
function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  return bits.getFloat64(0);
}

/** 2^exponent, exponent = -1022..1023. */
const scales = Float64Array.from({ length: 2046 }, (_, i) => powerOfTwo(i - 1022));

/**
 * e^x in doubles, within 2 units in the last place for x from -708 to 709; 0 below, Infinity above, NaN for NaN.
 *
 * x = (64 n + j) ln 2 / 64 + r: 2^n times a tabulated 2^(j / 64) times Taylor's polynomial of degree 5 in r.
 */
export function exp(x: number): number {
  if (x < -708) return 0;
  if (x > 709) return Number.POSITIVE_INFINITY;
  const multiple = Math.round(x * inverseStep);
  const r = x - multiple * stepHigh - multiple * stepLow;
  const j = multiple & (steps - 1);
  const power = powers[j] as number;
  const rest = r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r / 120))));
  return (power + power * rest) * (scales[(multiple - j) / steps + 1022] as number);
}
