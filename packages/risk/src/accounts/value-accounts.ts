import { divUp, oneBps } from "../fixed-point.ts";
import type { AccountBook } from "./account-book.ts";
import type { ArrayBook } from "./array-book.ts";
import { type DoubleSums, makeDoubleSums, sumInDoubles } from "./double-sums.ts";
import { OutsideFastRange } from "./errors.ts";
import { fitsWords, valueInBigInts, valueInWords } from "./exact-value.ts";

// Exact values, at the price of inexact ones: doubles decide *where* the least value can be, integers what it is.
//
// If floor(S[s] / 1e8) is the least of all, then S[s] < min S + 1e8, so A[s] < min A + 2 * error + 1e8. All other
// scenarios are out; usually one is left, and only for it and the base is anything computed exactly. What A was rounded
// to decides how many are left, never which value is found: the integers are those of the plain path on any machine.

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

const largestGross = 2 ** 62 * 1e8;
const word = 2 ** 32;

// The words of a bigint in memory: the lower one first on every machine in use, but not by the language's definition.
const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const [lowWord, highWord] = littleEndian ? [0, 1] : [1, 0];

/**
 * Base, worst and maintenance of the accounts from `first` up to `end`: to the last digit what
 * `portfolioValuesE16`, rounded down, and `marginSummary` give.
 *
 * At 17 positions and 31 scenarios this is some seventy times as fast as the plain path (`bench/accounts.ts`); accounts
 * of more than some ten million dollars (`fitsWords`) take several times as long as others.
 *
 * @param maintenanceBps Share of initial margin, 0 to 10,000.
 * @throws {OutsideFastRange} for an account of more than 46 billion dollars in all, naming it; for another share.
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
  if (!Number.isInteger(maintenanceBps) || maintenanceBps < 0 || maintenanceBps > 10_000) {
    throw new OutsideFastRange(`a share of ${maintenanceBps} basis points`);
  }
  const sums = makeDoubleSums(arrays);
  const bases = wordsOf(values.base);
  const worsts = wordsOf(values.worst);
  const maintenances = wordsOf(values.maintenance);
  for (let account = first; account < end; account++) {
    sumInDoubles(arrays, accounts, account, sums);
    if (!(sums.gross < largestGross)) throw new OutsideFastRange(`account number ${account}: it is too large`);
    const bound = leastOf(sums.values, arrays.scenarios) + 2 * sums.error + 1e8;
    if (!fitsWords(sums)) {
      valueInFull(arrays, accounts, maintenanceBps, values, account, sums, bound);
      continue;
    }
    const base = valueInWords(arrays, accounts, account, 0, sums);
    let worst = base;
    let worstScenario = 0;
    for (let s = 1; s < arrays.scenarios; s++) {
      if ((sums.values[s] as number) > bound) continue;
      const value = valueInWords(arrays, accounts, account, s, sums);
      if (value < worst) {
        worst = value;
        worstScenario = s;
      }
    }
    writeWords(bases, account, base);
    writeWords(worsts, account, worst);
    writeWords(maintenances, account, shareUp(base - worst, maintenanceBps));
    values.worstScenario[account] = worstScenario;
  }
}

/** One account whose values do not fit words. */
function valueInFull(
  arrays: ArrayBook,
  accounts: AccountBook,
  maintenanceBps: number,
  values: AccountValues,
  account: number,
  sums: DoubleSums,
  bound: number,
): void {
  const base = valueInBigInts(arrays, accounts, account, 0);
  let worst = base;
  let worstScenario = 0;
  for (let s = 1; s < arrays.scenarios; s++) {
    if ((sums.values[s] as number) > bound) continue;
    const value = valueInBigInts(arrays, accounts, account, s);
    if (value < worst) {
      worst = value;
      worstScenario = s;
    }
  }
  values.base[account] = base;
  values.worst[account] = worst;
  values.maintenance[account] = divUp((base - worst) * BigInt(maintenanceBps), oneBps);
  values.worstScenario[account] = worstScenario;
}

function leastOf(values: Float64Array, scenarios: number): number {
  let least = values[0] as number;
  for (let s = 1; s < scenarios; s++) {
    const value = values[s] as number;
    if (value < least) least = value;
  }
  return least;
}

function wordsOf({ buffer, byteOffset, length }: BigInt64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, 2 * length);
}

/** Writes an integer below 2^53 in magnitude as one of 64 bits. */
function writeWords(words: Uint32Array, index: number, value: number): void {
  const high = Math.floor(value / word);
  words[2 * index + lowWord] = value - high * word;
  words[2 * index + highWord] = high;
}

/** ceil(margin * bps / 10000), exact for a margin from 0 to 2^53: quotients lie further from integers than they round. */
function shareUp(margin: number, bps: number): number {
  const whole = Math.floor(margin / 10_000);
  return whole * bps + Math.ceil(((margin - whole * 10_000) * bps) / 10_000);
}
