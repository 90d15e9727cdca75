/**
 * The integer square root: the greatest integer whose square is not above `value`. Negative values give 0.
 *
 * Newton's iteration from above, started at a power of two, so that it falls monotonically until it is exact.
 */
export function integerSqrt(value: bigint): bigint {
  if (value <= 0n) return 0n;
  let root = startAbove(value);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** A number not below the root and within 2^-44 of it, if it is that large: `Math.sqrt` is exact to the last bit by IEEE 754. */
function startAbove(value: bigint): bigint {
  const bits = value.toString(16).length * 4;
  const dropped = BigInt(Math.max(0, (bits - 96) & ~1));
  const head = Math.sqrt(Number((value >> dropped) + 1n));
  return BigInt(Math.ceil(head * (1 + 2 ** -50)) + 1) << (dropped >> 1n);
}
