import { abs, divDown, oneE8 } from "../fixed-point.ts";
import type { AccountBook } from "./account-book.ts";
import type { ArrayBook } from "./array-book.ts";
import type { DoubleSums } from "./double-sums.ts";

// An account is worth floor(S / 1e8) in a scenario, where S, an integer, may need 110 bits.
//
// In words. L = S modulo 2^32 takes one 32-bit multiplication a position: the low word of a product needs the low words
// of the factors alone, and `Math.imul` takes those of any integer that a double holds. Let g be A / 1e8, rounded to an
// integer. With G < 4e15 * 1e8, the division rounds by half at most, so |A - g * 1e8| <= 1e8 < 2^27; with an error below
// 1.5 * 2^30, |S - g * 1e8| < 2^31. So S - g * 1e8 *is* the residue of L - g * 1e8 between -2^31 and 2^31; call it r.
// floor(S / 1e8) = g + floor(r / 1e8), and the double r / 1e8 has the right floor: it is below 32, where doubles lie
// 2^-48 apart, and as a multiple of 1e-8 it is exact or further than that from the next integer.
//
// Nothing in A reaches the result but through g and r, and g + floor(r / 1e8) is the same however A was rounded.

const largestGross = 4e15 * 1e8;
const largestError = 1.5 * 2 ** 30;

/**
 * Whether `valueInWords` is exact for an account: with n positions, up to the lesser of 40 and 725 / (n + 2) million
 * dollars in all, long and short.
 */
export function fitsWords({ gross, error }: DoubleSums): boolean {
  return gross < largestGross && error < largestError;
}

/** An account's value in scenario `s`, USD with 8 decimals, rounded down: an integer of at most 4e15 in magnitude. */
export function valueInWords(
  { prices, stride }: ArrayBook,
  { starts, instruments, sizes, cash }: AccountBook,
  account: number,
  s: number,
  { values, chargeWord }: DoubleSums,
): number {
  const guess = Math.round((values[s] as number) / 1e8);
  const end = starts[account + 1] as number;
  let rest = (Math.imul((cash[account] as number) - guess, 1e8) - chargeWord) | 0;
  for (let i = starts[account] as number; i < end; i++) {
    rest = (rest + Math.imul(sizes[i] as number, prices[(instruments[i] as number) * stride + s] as number)) | 0;
  }
  return guess + Math.floor(rest / 1e8);
}

/** The same of an account of any size. */
export function valueInBigInts(
  { prices, stride, charges }: ArrayBook,
  { starts, instruments, sizes, cash }: AccountBook,
  account: number,
  s: number,
): bigint {
  const end = starts[account + 1] as number;
  let sum = BigInt(cash[account] as number) * oneE8;
  for (let i = starts[account] as number; i < end; i++) {
    const instrument = instruments[i] as number;
    const size = BigInt(sizes[i] as number);
    sum += size * BigInt(prices[instrument * stride + s] as number) - abs(size) * BigInt(charges[instrument] as number);
  }
  return divDown(sum, oneE8);
}
