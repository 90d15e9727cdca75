import { InvalidDepth } from "./charges/concentration.ts";
import { divDown, mulDown, oneBps } from "./fixed-point.ts";

/** Token amount scaled to 8 decimals; what is below the eighth is dropped. */
export function amountToE8Down(amount: bigint, decimals: number): bigint {
  return decimals <= 8 ? amount * 10n ** BigInt(8 - decimals) : amount / 10n ** BigInt(decimals - 8);
}

/**
 * How much of an amount counts once it is large against what its market can take: amount * depth / (depth + amount), 8
 * decimals, rounded down.
 *
 * It is what selling the amount at once into a constant product market of that depth would bring, at the price before the
 * sale. The haircut by size, amount / (depth + amount), starts at nothing and reaches one half at `depth`. Chosen before a square root of the
 * amount, which fits measured impact as well but past some size makes more collateral count for *less*: here more never
 * counts less, and the value is concave with `depth` as its limit. Concave means that amounts split over accounts, or
 * over vaults that are valued apart, count for more: register each vault's asset with the depth that is its own.
 *
 * @param amountE8 Tokens, 8 decimals, rounded down.
 * @param depthE8 Tokens, 8 decimals: the amount of which half would be lost.
 * @throws {InvalidDepth}
 * @example countedAmountE8(2_00000000n, 98_00000000n) // 1_96000000n
 */
export function countedAmountE8(amountE8: bigint, depthE8: bigint): bigint {
  if (depthE8 <= 0n) throw new InvalidDepth();
  return divDown(amountE8 * depthE8, depthE8 + amountE8);
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
 * Rounded down at every step (amount, depth, price, product): never more than counted amount * shocked price * (1 - haircut).
 *
 * @param amount In the token's own decimals.
 * @param depthE8 See `countedAmountE8`.
 * @throws {InvalidDepth}
 * @example collateralValues(2_000_000n, 6, collateralPrices(100_000_000n, 0, [0]), 98_00000000n) // [196000000n]
 */
export function collateralValues(amount: bigint, decimals: number, pricesE8: BigInt64Array, depthE8: bigint): bigint[] {
  const amountE8 = countedAmountE8(amountToE8Down(amount, decimals), depthE8);
  return Array.from(pricesE8, (price) => mulDown(amountE8, price));
}
