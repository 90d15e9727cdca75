import type { AccountBook } from "./account-book.ts";
import type { ArrayBook } from "./array-book.ts";
import { OutsideFastRange } from "./errors.ts";

// Exact sums, at the price of inexact ones.
//
// Of an account with n positions, scenario s is worth S[s] = cash * 1e8 + sum(size * price[s] - |size| * charge), an
// integer with 16 decimals, and the account's value is floor(S[s] / 1e8). S may need 110 bits. It is computed twice:
//
//   A[s], in doubles. Every factor is an integer below 2^53 and so exact; each of the products and of the sums rounds
//   by at most 2^-53 of its result, and no partial sum exceeds G = |cash| * 1e8 + sum(|size| * (max |price| + charge))
//   by more than a factor (1 + 2^-53)^(2n + 2). So |A[s] - S[s]| <= E := (2n + 4) * 2^-52 * G, with a factor of almost
//   two to spare for the rounding of G and E themselves (Higham, Accuracy and Stability, section 3.1).
//
//   L[s] = S[s] modulo M = 2^44, in limbs of 22 bits: exact. With x = x0 + x1 * 2^22 modulo M for every factor,
//   a product is x0 * y0 + (x0 * y1 + x1 * y0) * 2^22 modulo M. The x0 * y0 add up in a double: at most 256 positions
//   of less than 2^44, and as many charges, stay within 2^53. Of the other part only its residue modulo 2^22 counts, so
//   that 32-bit integers, which wrap, add it up.
//
// (1) A decides *where* the least value can be. If floor(S[s] / 1e8) is the least of all, then S[s] < min S + 1e8, so
//     A[s] < min A + 2E + 1e8. All other scenarios are out; usually one is left, and only for it (and the base) is L
//     computed at all.
// (2) A and L together give S. Let g be A[s] / 1e8 rounded to an integer. G < 2^58 * 1e8 is checked below, so with at
//     most 256 positions E < 2^42, |g| < 2^59, and |S - g * 1e8| <= |S - A| + |A - g * 1e8| <= E + 1e8 * 2^7 < 2^43.
//     Less than half of M in magnitude, S - g * 1e8 *is* the residue of L - g * 1e8 between -M/2 and M/2; call it r.
//     floor(S / 1e8) = g + floor(r / 1e8), and the double r / 1e8 has the right floor: it is below 2^17, where doubles
//     lie 2^-36 apart, and as a multiple of 1e-8 it is exact or further than that from the next integer.
//
// Nothing in A reaches the result but through (1) and (2), whose outcome is the same however A was rounded: the
// integers are those of the plain path on any machine.

/** What every account came to, USD with 8 decimals, by the account's number. */
export interface AccountValues {
  readonly base: BigInt64Array;
  readonly worst: BigInt64Array;
  /** The row in which the value is least; the first one where several are. */
  readonly worstScenario: Uint8Array;
  readonly maintenance: BigInt64Array;
}

/** Room for the values of so many accounts. */
export function makeAccountValues(accounts: number): AccountValues {
  return {
    base: new BigInt64Array(accounts),
    worst: new BigInt64Array(accounts),
    worstScenario: new Uint8Array(accounts),
    maintenance: new BigInt64Array(accounts),
  };
}

const rounding = 2 ** -52;
const largestGross = 2 ** 58 * 1e8;
const limb = 2 ** 22;
const modulus = 2 ** 44;
const word = 2 ** 32;

// The words of a bigint in memory: the lower one first on every machine in use, but not by the language's definition.
const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const [lowWord, highWord] = littleEndian ? [0, 1] : [1, 0];

/**
 * Base, worst and maintenance of the accounts from `first` up to `end`: to the last digit what
 * `portfolioValuesE16`, rounded down, and `marginSummary` give.
 *
 * At 17 positions and 31 scenarios this is some forty times as fast as the plain path (`bench/accounts.ts`).
 *
 * @throws {OutsideFastRange} for an account of more than 2.8 billion dollars in all, naming it.
 * @example valueAccounts(arrays, accounts, 6000, values, 0, accounts.count)
 */
export function valueAccounts(
  arrays: ArrayBook,
  accounts: AccountBook,
  maintenanceBps: number,
  values: AccountValues,
  first: number,
  end: number,
): void {
  const sums = new Float64Array(arrays.stride);
  const bases = wordsOf(values.base);
  const worsts = wordsOf(values.worst);
  const shareBps = BigInt(maintenanceBps);
  for (let account = first; account < end; account++) {
    const gross = sumInDoubles(arrays, accounts, account, sums);
    if (!(gross < largestGross)) throw new OutsideFastRange(`account number ${account}: it is too large`);
    const positions = (accounts.starts[account + 1] as number) - (accounts.starts[account] as number);
    const error = (2 * positions + 4) * rounding * gross;
    const constant = constantResidue(arrays, accounts, account);

    const baseSum = sums[0] as number;
    let least = baseSum;
    for (let s = 1; s < arrays.scenarios; s++) {
      const sum = sums[s] as number;
      if (sum < least) least = sum;
    }
    let worstGuess = Math.round(baseSum / 1e8);
    let worstRest = restOf(arrays, accounts, account, 0, worstGuess, constant);
    writeWords(bases, account, worstGuess, worstRest);
    let worstScenario = 0;
    const bound = least + 2 * error + 1e8;
    for (let s = 1; s < arrays.scenarios; s++) {
      const sum = sums[s] as number;
      if (sum > bound) continue;
      const guess = Math.round(sum / 1e8);
      const rest = restOf(arrays, accounts, account, s, guess, constant);
      // Guesses are below 2^59 and lie close together or far apart, so their difference is exact when it matters.
      if (guess - worstGuess + (rest - worstRest) < 0) {
        worstGuess = guess;
        worstRest = rest;
        worstScenario = s;
      }
    }
    writeWords(worsts, account, worstGuess, worstRest);
    values.worstScenario[account] = worstScenario;
    const margin = BigInt.asIntN(64, (values.base[account] as bigint) - (values.worst[account] as bigint));
    values.maintenance[account] = shareUp(margin, shareBps);
  }
}

/** Fills `sums` with A of one account, and gives G. */
function sumInDoubles(arrays: ArrayBook, accounts: AccountBook, account: number, sums: Float64Array): number {
  const { prices, stride, charges, largest } = arrays;
  const { sizes, instruments } = accounts;
  const start = accounts.starts[account] as number;
  const end = accounts.starts[account + 1] as number;
  const cash = (accounts.cash[account] as number) * 1e8;
  let charge = 0;
  let gross = Math.abs(cash);
  for (let i = start; i < end; i++) {
    const instrument = instruments[i] as number;
    const magnitude = Math.abs(sizes[i] as number);
    charge += magnitude * (charges[instrument] as number);
    gross += magnitude * (largest[instrument] as number);
  }
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
    sums[s] = a;
    sums[s + 1] = b;
    sums[s + 2] = c;
    sums[s + 3] = d;
    sums[s + 4] = e;
    sums[s + 5] = f;
    sums[s + 6] = g;
    sums[s + 7] = h;
  }
  return gross;
}

/** cash * 1e8 - sum(|size| * charge), which is the same in all scenarios, modulo M. */
function constantResidue({ chargeLimbs }: ArrayBook, accounts: AccountBook, account: number): number {
  const { sizes, sizeLimbs, cashLimbs, instruments } = accounts;
  const end = accounts.starts[account + 1] as number;
  let low = 0;
  let high = 0;
  for (let i = accounts.starts[account] as number; i < end; i++) {
    const instrument = instruments[i] as number;
    const size0 = sizeLimbs.low[i] as number;
    const charge0 = chargeLimbs.low[instrument] as number;
    const cross =
      Math.imul(size0, chargeLimbs.high[instrument] as number) + Math.imul(sizeLimbs.high[i] as number, charge0);
    if ((sizes[i] as number) < 0) {
      low += size0 * charge0;
      high = (high + cross) | 0;
    } else {
      low -= size0 * charge0;
      high = (high - cross) | 0;
    }
  }
  const cash = residue((cashLimbs.low[account] as number) * 1e8, Math.imul(cashLimbs.high[account] as number, 1e8));
  return residue(low, high) + cash;
}

/** floor((S[s] - guess * 1e8) / 1e8). */
function restOf(
  { priceLimbs, stride }: ArrayBook,
  accounts: AccountBook,
  account: number,
  s: number,
  guess: number,
  constant: number,
): number {
  const { sizeLimbs, instruments } = accounts;
  const { low: prices0, high: prices1 } = priceLimbs;
  const { low: sizes0, high: sizes1 } = sizeLimbs;
  const end = accounts.starts[account + 1] as number;
  let low = 0;
  let high = 0;
  for (let i = accounts.starts[account] as number; i < end; i++) {
    const at = (instruments[i] as number) * stride + s;
    const size0 = sizes0[i] as number;
    const price0 = prices0[at] as number;
    low += size0 * price0;
    high = (high + Math.imul(size0, prices1[at] as number) + Math.imul(sizes1[i] as number, price0)) | 0;
  }
  const guess1 = Math.floor(guess / limb);
  const guess1Residue = guess1 - Math.floor(guess1 / limb) * limb;
  const guessResidue = residue((guess - guess1 * limb) * 1e8, Math.imul(guess1Residue, 1e8));
  const difference = residue(low, high) + constant - guessResidue;
  return Math.floor((difference - Math.round(difference / modulus) * modulus) / 1e8);
}

/** low + high * 2^22, as a residue between 0 and M. */
function residue(low: number, high: number): number {
  const sum = low - Math.floor(low / modulus) * modulus + (high & (limb - 1)) * limb;
  return sum < modulus ? sum : sum - modulus;
}

function wordsOf({ buffer, byteOffset, length }: BigInt64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, 2 * length);
}

/** Writes the 64-bit integer guess + rest. */
function writeWords(words: Uint32Array, index: number, guess: number, rest: number): void {
  const guessHigh = Math.floor(guess / word);
  const low = guess - guessHigh * word + rest;
  const carry = Math.floor(low / word);
  words[2 * index + lowWord] = low - carry * word;
  words[2 * index + highWord] = guessHigh + carry;
}

/** ceil(margin * bps / 10000) for a margin of zero or more, without leaving 64 bits. */
function shareUp(margin: bigint, bps: bigint): bigint {
  const whole = BigInt.asIntN(64, margin / 10_000n);
  const rest = BigInt.asIntN(64, BigInt.asIntN(64, margin % 10_000n) * bps);
  return BigInt.asIntN(
    64,
    BigInt.asIntN(64, whole * bps) + BigInt.asIntN(64, BigInt.asIntN(64, rest + 9_999n) / 10_000n),
  );
}
