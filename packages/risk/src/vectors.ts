import { oneE8 } from "./fixed-point.ts";

// Exact dot products over scenarios in 64-bit integers. A product of two numbers with 8 decimals does not fit 64 bits,
// so numbers are split in two: whole * 1e8 + fraction, both with the number's sign. `BigInt.asIntN(64, ...)` around
// every operation lets engines keep bigints in machine registers; it is also why callers must keep magnitudes bounded:
// wholes and results below 2^62, at most `mostProducts` products a sum.

/** A vector with 8 decimals, or a sum of products with 16, as whole * 1e8 + fraction. */
export interface SplitVector {
  readonly whole: BigInt64Array;
  readonly fraction: BigInt64Array;
}

/** So many fractions of products, each below 1e16, fit a 64-bit sum. */
export const mostProducts = 256;

/** A vector with 8 decimals, ready to be multiplied. */
export function splitVector(values: BigInt64Array): SplitVector {
  return { whole: values.map((value) => value / oneE8), fraction: values.map((value) => value % oneE8) };
}

/** A sum over `length` scenarios, all 0. */
export function zeroSum(length: number): SplitVector {
  return { whole: new BigInt64Array(length), fraction: new BigInt64Array(length) };
}

/** Sets the first `length` entries to one number with 16 decimals. */
export function startSum(sum: SplitVector, valueE16: bigint, length: number): void {
  sum.whole.fill(valueE16 / oneE8, 0, length);
  sum.fraction.fill(valueE16 % oneE8, 0, length);
}

/** Adds `size * prices` to a sum, exactly. The size is sizeWhole * 1e8 + sizeFraction. */
export function addProduct(sum: SplitVector, sizeWhole: bigint, sizeFraction: bigint, prices: SplitVector): void {
  const { whole, fraction } = prices;
  const wholeSum = sum.whole;
  const fractionSum = sum.fraction;
  for (let s = 0; s < whole.length; s++) {
    const priceWhole = whole[s] as bigint;
    const priceFraction = fraction[s] as bigint;
    const high = BigInt.asIntN(64, BigInt.asIntN(64, sizeWhole * priceWhole) * 100_000_000n);
    const middle = BigInt.asIntN(
      64,
      BigInt.asIntN(64, sizeWhole * priceFraction) + BigInt.asIntN(64, sizeFraction * priceWhole),
    );
    wholeSum[s] = BigInt.asIntN(64, (wholeSum[s] as bigint) + BigInt.asIntN(64, high + middle));
    fractionSum[s] = BigInt.asIntN(64, (fractionSum[s] as bigint) + BigInt.asIntN(64, sizeFraction * priceFraction));
  }
}

/** Rounds a sum down to 8 decimals, into the first `length` entries of `target`. */
export function roundSumDown(sum: SplitVector, target: BigInt64Array, length: number): void {
  for (let s = 0; s < length; s++) {
    const fraction = sum.fraction[s] as bigint;
    const quotient = BigInt.asIntN(64, fraction / 100_000_000n);
    const floor = BigInt.asIntN(64, quotient * 100_000_000n) > fraction ? BigInt.asIntN(64, quotient - 1n) : quotient;
    target[s] = BigInt.asIntN(64, (sum.whole[s] as bigint) + floor);
  }
}
