import { divDown } from "../fixed-point.ts";

/** How far the average that an expiry settles at is known. */
export interface KnownAverage {
  /** Of the window's part that has passed, with a known price: the sum of price times seconds, USD E8 times seconds. */
  readonly priceSecondsE8: bigint;
  /** The seconds of that part. */
  readonly seconds: number;
  /** Of the window, still to come. */
  readonly secondsLeft: number;
}

/**
 * The average as it will be if the index stays where it is: USD E8, rounded down. The index itself while nothing is known.
 *
 * Priced from it nothing jumps when the settlement price becomes final. Shocks still move all of it: more than they can,
 * and against both sides.
 *
 * @example expectedAverageE8(70_000_00000000n, { priceSecondsE8: 0n, seconds: 0, secondsLeft: 1800 }) // 70_000_00000000n
 */
export function expectedAverageE8(indexE8: bigint, { priceSecondsE8, seconds, secondsLeft }: KnownAverage): bigint {
  const window = BigInt(seconds) + BigInt(secondsLeft);
  return window === 0n ? indexE8 : divDown(priceSecondsE8 + indexE8 * BigInt(secondsLeft), window);
}
