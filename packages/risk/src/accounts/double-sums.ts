import type { AccountBook } from "./account-book.ts";
import type { ArrayBook } from "./array-book.ts";

/** One account's sums in doubles, used again for the next account. USD with 16 decimals. */
export interface DoubleSums {
  /** A[s] for each scenario s, padded as the arrays are: S[s] = cash * 1e8 + sum(size * price[s] - |size| * charge), rounded. */
  readonly values: Float64Array;
  /** G = |cash| * 1e8 + sum(|size| * (max |price| + charge)): what rounding errors are in proportion to. */
  gross: number;
  /** |A[s] - S[s]| is less than this in every scenario. */
  error: number;
  /** sum(|size| * charge) modulo 2^32, signed: what exact values need of the same positions. */
  chargeWord: number;
}

/** Room for the sums of one account. */
export function makeDoubleSums({ stride }: ArrayBook): DoubleSums {
  return { values: new Float64Array(stride), gross: 0, error: 0, chargeWord: 0 };
}

const unitRoundoff = 2 ** -53;

/**
 * Sums one account of n positions up.
 *
 * Factors are integers below 2^53 and so exact. No term goes through more than 2n + 2 products and additions, each of
 * which rounds by at most 2^-53 of its result, so |A - S| <= G (2n + 2) 2^-53 / (1 - (2n + 2) 2^-53) (N. J. Higham,
 * Accuracy and Stability of Numerical Algorithms, 2002, section 3.1). `error` takes 2n + 4 for 2n + 2; for fewer than
 * 2^24 positions that is more than the denominator and the rounding of G and of `error` itself come to.
 */
export function sumInDoubles(arrays: ArrayBook, accounts: AccountBook, account: number, sums: DoubleSums): void {
  const { prices, stride, charges, largest } = arrays;
  const { sizes, instruments } = accounts;
  const { values } = sums;
  const start = accounts.starts[account] as number;
  const end = accounts.starts[account + 1] as number;
  const cash = (accounts.cash[account] as number) * 1e8;
  let charge = 0;
  let chargeWord = 0;
  let gross = Math.abs(cash);
  for (let i = start; i < end; i++) {
    const instrument = instruments[i] as number;
    const magnitude = Math.abs(sizes[i] as number);
    const unitCharge = charges[instrument] as number;
    charge += magnitude * unitCharge;
    chargeWord = (chargeWord + Math.imul(magnitude, unitCharge)) | 0;
    gross += magnitude * (largest[instrument] as number);
  }
  sums.gross = gross;
  sums.error = (2 * (end - start) + 4) * unitRoundoff * gross;
  sums.chargeWord = chargeWord;
  const constant = cash - charge;
  for (let s = 0; s < stride; s += 8) {
    let a = constant;
    let b = constant;
    let c = constant;
    let d = constant;
    let e = constant;
    let f = constant;
    let g = constant;
    let h = constant;
    for (let i = start; i < end; i++) {
      const size = sizes[i] as number;
      const at = (instruments[i] as number) * stride + s;
      a += size * (prices[at] as number);
      b += size * (prices[at + 1] as number);
      c += size * (prices[at + 2] as number);
      d += size * (prices[at + 3] as number);
      e += size * (prices[at + 4] as number);
      f += size * (prices[at + 5] as number);
      g += size * (prices[at + 6] as number);
      h += size * (prices[at + 7] as number);
    }
    values[s] = a;
    values[s + 1] = b;
    values[s + 2] = c;
    values[s + 3] = d;
    values[s + 4] = e;
    values[s + 5] = f;
    values[s + 6] = g;
    values[s + 7] = h;
  }
}
