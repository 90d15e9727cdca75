import { abs, divDown, max, min, oneE8 } from "@plimsoll/risk/fixed-point";
import type { FundingTerms } from "./state.ts";

// What longs of a perpetual pay shorts, from how its markets traded beside the index. Every second belongs to one cell: the
// part of one window of a grid in time, under one set of registered terms. What a cell pays follows from the chains alone
// and from nothing that operators did or left undone, so the index at a cut is a sum over cells.

/** A premium nobody renews by trading counts for so long. As `DerivativeMarket.PREMIUM_HOLD`. */
export const premiumHoldSeconds = 600;

/** From when on which terms hold. */
export interface FundingPeriod {
  readonly fromSeconds: number;
  readonly terms: FundingTerms;
}

/** From just after `fromSeconds` to `untilSeconds`. */
export interface FundingCell {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly terms: FundingTerms;
}

/** What a market told with its last fill. */
export interface PremiumSample {
  readonly atSeconds: number;
  /** The integral of the premium up to then: a fraction with 8 decimals, times seconds. */
  readonly premiumSecondsE8: bigint;
  /** From then on. */
  readonly premiumE8: bigint;
  /** Filled in all: USD E8. */
  readonly volumeE8: bigint;
}

/** One market over a cell. */
export interface MarketPremium {
  /** The integral of its premium. */
  readonly premiumSecondsE8: bigint;
  /** What was filled. */
  readonly volumeE8: bigint;
}

/** What a cell's payment is reckoned from. */
export interface FundingFacts {
  /** A unit at the index, at the cell's end: USD E8. */
  readonly markE8: bigint;
  /** What longs hold on all markets, at the cell's end: USD E8 at the mark. */
  readonly openInterestE8: bigint;
  readonly markets: readonly MarketPremium[];
}

/**
 * The cells up to a time, in order, without a gap. A grid's lines are the multiples of the window since 1970; where terms
 * begin or end in the middle of a window, its parts are cells of their own.
 *
 * @param periods Ascending; each ends where the next begins.
 * @param afterSeconds Cells that end by then are left out.
 * @example
 * fundingCells([{ fromSeconds: 90, terms }], 0, 200) // of a window of 60: (90, 120], (120, 180], (180, 200]
 */
export function* fundingCells(
  periods: readonly FundingPeriod[],
  afterSeconds: number,
  untilSeconds: number,
): Generator<FundingCell> {
  for (const [index, { fromSeconds: begin, terms }] of periods.entries()) {
    const end = Math.min(untilSeconds, periods[index + 1]?.fromSeconds ?? untilSeconds);
    const { windowSeconds } = terms;
    // The last line of the grid at or before the time asked for: cells before it are left out without counting them.
    let fromSeconds = Math.max(begin, Math.floor(afterSeconds / windowSeconds) * windowSeconds);
    while (fromSeconds < end) {
      const line = (Math.floor(fromSeconds / windowSeconds) + 1) * windowSeconds;
      const cell = { fromSeconds, untilSeconds: Math.min(line, end), terms };
      if (cell.untilSeconds > afterSeconds) yield cell;
      fromSeconds = cell.untilSeconds;
    }
  }
}

/**
 * The integral of a market's premium up to a time, after its last sample by then. What nobody renews counts for
 * `premiumHoldSeconds` and is zero afterwards.
 */
export function premiumSecondsAt(sample: PremiumSample | undefined, seconds: number): bigint {
  if (sample === undefined) return 0n;
  const held = Math.min(Math.max(0, seconds - sample.atSeconds), premiumHoldSeconds);
  return sample.premiumSecondsE8 + sample.premiumE8 * BigInt(held);
}

/**
 * What a long of one unit pays in a cell: USD E8, negative where it receives.
 *
 *     premium = average over the cell, of all markets by what was filled there; none where nothing was
 *     payment = clamp(premium, cap) * min(1, filled / wanted) * mark * seconds / window
 *     wanted  = turnover * open interest * seconds / window
 *
 * Every step rounded towards zero, so that a premium and its opposite pay the same, and never beyond the cap: in a whole
 * window at most `capBps` of the mark, whatever markets say. Who wants to move it has to trade for it: less than the
 * registered share of the open interest moves it by less.
 */
export function fundingOfCell({ fromSeconds, untilSeconds, terms }: FundingCell, facts: FundingFacts): bigint {
  const { markE8, openInterestE8, markets } = facts;
  const seconds = BigInt(untilSeconds - fromSeconds);
  const window = BigInt(terms.windowSeconds);
  let filled = 0n;
  let weighed = 0n;
  for (const { premiumSecondsE8, volumeE8 } of markets) {
    filled += volumeE8;
    weighed += towardsZero(premiumSecondsE8, seconds) * volumeE8;
  }
  if (filled === 0n) return 0n;
  const cap = BigInt(terms.capBps) * 10_000n;
  const premium = max(-cap, min(cap, towardsZero(weighed, filled)));
  const wanted = divDown(BigInt(terms.turnoverBps) * openInterestE8 * seconds, 10_000n * window);
  const counted = filled >= wanted ? premium : towardsZero(premium * filled, wanted);
  return towardsZero(counted * markE8 * seconds, oneE8 * window);
}

function towardsZero(numerator: bigint, denominator: bigint): bigint {
  const magnitude = divDown(abs(numerator), denominator);
  return numerator < 0n ? -magnitude : magnitude;
}
