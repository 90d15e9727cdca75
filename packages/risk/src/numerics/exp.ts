import { OutsideDomain } from "./errors.ts";
import { fractionBits, ln2Q128, oneQ128 } from "./q128.ts";

const guardBits = 24n;
const halvings = 6n;
const greatest = 128n * oneQ128;

/**
 * e^x, Q128, within 2^-122 * max(1, e^x); x from -128 to 128.
 *
 * x = n ln 2 + r; e^(r / 64) by Taylor's series with 24 bits more, squared six times, shifted by n.
 *
 * @throws {OutsideDomain} for an x past 128.
 */
export function expQ128(x: bigint): bigint {
  if (x > greatest || x < -greatest) throw new OutsideDomain("an exponential of more than 128");
  const n = floorDivide(x + ln2Q128 / 2n, ln2Q128);
  const bits = fractionBits + guardBits;
  const r = ((x - n * ln2Q128) << guardBits) >> halvings;
  const one = 1n << bits;
  let term = one;
  let sum = one;
  for (let k = 1n; term !== 0n; k++) {
    term = (term * r) / (one * k);
    sum += term;
  }
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) >> bits;
  return n >= 0n ? (sum << n) >> guardBits : sum >> (guardBits - n);
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1n : quotient;
}
