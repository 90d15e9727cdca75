import { divDown, mulDown, oneBps } from "./fixed-point.ts";

/** Token amount scaled to 8 decimals; what is below the eighth is dropped. */
export function amountToE8Down(amount: bigint, decimals: number): bigint {
  return decimals <= 8 ? amount * 10n ** BigInt(8 - decimals) : amount / 10n ** BigInt(decimals - 8);
}

/** What one whole token counts for in every scenario: price * (1 + shock) * (1 - haircut), USD E8, rounded down. */
export function collateralPrices(
  priceE8: bigint,
  haircutBps: number,
  priceShocksBps: readonly number[],
): BigInt64Array {
  const kept = oneBps - BigInt(haircutBps);
  return BigInt64Array.from(priceShocksBps, (shock) =>
    divDown(priceE8 * (oneBps + BigInt(shock)) * kept, oneBps * oneBps),
  );
}

/**
 * What an amount of collateral counts for in every scenario, USD with 8 decimals.
 *
 * Rounded down at every step (amount, price, product): never more than amount * shocked price * (1 - haircut).
 *
 * @param amount In the token's own decimals.
 * @example collateralValues(1_000_000n, 6, collateralPrices(100_000_000n, 0, [0])) // [100000000n]
 */
export function collateralValues(amount: bigint, decimals: number, pricesE8: BigInt64Array): bigint[] {
  const amountE8 = amountToE8Down(amount, decimals);
  return Array.from(pricesE8, (price) => mulDown(amountE8, price));
}
