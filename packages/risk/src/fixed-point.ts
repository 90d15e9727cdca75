// USD values, prices and sizes are integers with 8 decimals ("E8"); a product of two has 16 until it is rounded.

/** One, with 8 decimals. */
export const oneE8 = 100_000_000n;

/** One, in basis points. */
export const oneBps = 10_000n;

/**
 * The quotient, rounded towards minus infinity. `divisor` must be positive.
 * @example divDown(-1n, 2n) // -1n
 */
export function divDown(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1n : quotient;
}

/**
 * The quotient, rounded towards plus infinity. `divisor` must be positive.
 * @example divUp(1n, 2n) // 1n
 */
export function divUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor < dividend ? quotient + 1n : quotient;
}

/**
 * `a * b` of two numbers with 8 decimals, rounded down to 8 decimals.
 * @example mulDown(150_000_000n, 3n) // 4n: 1.5 times 0.00000003
 */
export function mulDown(aE8: bigint, bE8: bigint): bigint {
  return divDown(aE8 * bE8, oneE8);
}

/**
 * `a * b` of two numbers with 8 decimals, rounded up to 8 decimals.
 * @example mulUp(150_000_000n, 3n) // 5n
 */
export function mulUp(aE8: bigint, bE8: bigint): bigint {
  return divUp(aE8 * bE8, oneE8);
}

/** `a * b / divisor`, rounded down once at the end. `divisor` must be positive. */
export function mulDivDown(a: bigint, b: bigint, divisor: bigint): bigint {
  return divDown(a * b, divisor);
}

/** `a * b / divisor`, rounded up once at the end. `divisor` must be positive. */
export function mulDivUp(a: bigint, b: bigint, divisor: bigint): bigint {
  return divUp(a * b, divisor);
}

/** The magnitude. */
export function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The smaller of two. (`Math.min` does not take bigints.) */
export function min(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** The larger of two. */
export function max(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}
