import { divDown, oneBps, oneE8 } from "./fixed-point.ts";

/**
 * A perpetual's price in every scenario: index * multiplier * (1 + shock), USD with 8 decimals.
 *
 * Rounded down, once. A price has no direction that is against the account (longs and shorts share it), so the
 * rounding is only to be the same everywhere; losses are rounded against the account when they are summed.
 */
export function perpetualPrices(
  indexE8: bigint,
  multiplierE8: bigint,
  priceShocksBps: readonly number[],
): BigInt64Array {
  return BigInt64Array.from(priceShocksBps, (shock) =>
    divDown(indexE8 * multiplierE8 * (oneBps + BigInt(shock)), oneE8 * oneBps),
  );
}
