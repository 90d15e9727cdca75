import { OutsideDomain } from "./errors.ts";
import { fractionBits, ln2Q128, mulQ128, oneQ128 } from "./q128.ts";

/** ln(1 + i / 64), i = 0..64. */
let steps: bigint[] | undefined;

/** 2 * atanh(z) for |z| up to 1/3, by its series z + z^3/3 + z^5/5 + ... */
function doubleAtanh(z: bigint): bigint {
  const square = mulQ128(z, z);
  let power = z;
  let sum = 0n;
  for (let odd = 1n; power > 1n || power < -1n; odd += 2n) {
    sum += power / odd;
    power = (power * square) / oneQ128;
  }
  return 2n * sum;
}

function logSteps(): bigint[] {
  steps ??= Array.from({ length: 65 }, (_, i) => doubleAtanh((BigInt(i) << fractionBits) / BigInt(128 + i)));
  return steps;
}

/**
 * ln(numerator / denominator) of positive integers, Q128, within 2^-118.
 *
 * The quotient is 2^exponent * mantissa, 1 <= mantissa < 2; with the nearest m = 1 + i/64,
 * ln(mantissa) = ln(m) + 2 atanh((mantissa - m) / (mantissa + m)), whose argument is below 2^-7.
 *
 * @throws {OutsideDomain} unless both are positive.
 */
export function lnRatioQ128(numerator: bigint, denominator: bigint): bigint {
  if (numerator <= 0n || denominator <= 0n) throw new OutsideDomain("a logarithm of what is not positive");
  let exponent = bitLength(numerator) - bitLength(denominator);
  let mantissa = scaledQuotient(numerator, denominator, exponent);
  if (mantissa < oneQ128) {
    exponent -= 1;
    mantissa = scaledQuotient(numerator, denominator, exponent);
  }
  const i = (((mantissa - oneQ128) >> (fractionBits - 7n)) + 1n) >> 1n;
  const node = oneQ128 + (i << (fractionBits - 6n));
  const z = ((mantissa - node) << fractionBits) / (mantissa + node);
  return BigInt(exponent) * ln2Q128 + (logSteps()[Number(i)] ?? 0n) + doubleAtanh(z);
}

/** numerator / (denominator * 2^exponent), Q128. */
function scaledQuotient(numerator: bigint, denominator: bigint, exponent: number): bigint {
  const shift = 128 - exponent;
  return shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex.charAt(0), 16)) - 28);
}
