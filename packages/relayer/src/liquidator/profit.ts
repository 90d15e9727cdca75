import { divUp, oneBps } from "@plimsoll/risk/fixed-point";

/** What a bid has to bring. USD with 8 decimals. */
export interface Bidding {
  /** What closing a position taken over costs, of its notional; may be a fraction. */
  readonly closingBps: number;
  /** Least profit of one bid once gas and closing are paid. */
  readonly minimumProfit: bigint;
}

/** What one transaction costs. */
export interface GasCost {
  readonly gas: bigint;
  /** Wei a unit of gas. */
  readonly gasPriceWei: bigint;
  /** What one coin of 10^18 wei is worth, USD with 8 decimals. */
  readonly nativeUsdE8: bigint;
}

const oneNative = 10n ** 18n;
/** Hundredths of a basis point: finer than anybody bids. */
const finerThanBps = 100;

/**
 * The least discount at which a bid is worth while, USD with 8 decimals, rounded up: what gas and closing cost, and the
 * profit wanted.
 *
 * @param notional Of what is taken, USD with 8 decimals.
 * @example
 * // 10,000 dollars at 20 basis points, a million gas at 1 gwei and 4,000 dollars: 20 + 4, and 5 to be had.
 * leastDiscount(10_000n * oneE8, { gas: 1_000_000n, gasPriceWei: 10n ** 9n, nativeUsdE8: 4_000n * oneE8 }, bidding) // 29_00000000n
 */
export function leastDiscount(notional: bigint, cost: GasCost, { closingBps, minimumProfit }: Bidding): bigint {
  const closing = divUp(notional * BigInt(Math.round(closingBps * finerThanBps)), oneBps * BigInt(finerThanBps));
  return minimumProfit + closing + gasInUsd(cost);
}

/** USD with 8 decimals, rounded up. */
export function gasInUsd({ gas, gasPriceWei, nativeUsdE8 }: GasCost): bigint {
  return divUp(gas * gasPriceWei * nativeUsdE8, oneNative);
}

/** `MarketLiquidation.MOST_DISCOUNT`: the share of the risk taken that is offered at the end of an auction, 1e18 for all. */
const mostDiscountE18 = 200_000_000_000_000_000n;
const oneE18 = 10n ** 18n;

/** The discount on a part of so much risk at a rate, USD with 8 decimals, rounded down. */
export function discountOf(risk: bigint, rateE18: bigint = mostDiscountE18): bigint {
  return (risk * rateE18) / oneE18;
}
