import { divDown } from "@plimsoll/risk/fixed-point";
import type { ExpiryAverage } from "./state.ts";

// How dated instruments settle. One rule for all, and no registered value in it: nothing that anybody does after an
// expiry may move what it settled at.

/** The settlement price is the feed's average over so long before the expiry, weighted by time. */
export const settlementWindowSeconds = 1_800;

/**
 * It is final once the hub's cut is later than the expiry by this. By then chains have heard that positions may only
 * shrink, so the step to the settlement concerns those alone who hold one.
 */
export const settlementDelaySeconds = 60;

/** At the expiry an answer older than this counts for nothing: it settles at the first one after the expiry. */
const mostSilenceSeconds = 86_400;

/** A positive answer of a feed. */
export interface TimedAnswer {
  readonly priceE8: bigint;
  /** Time of the hub's block that it is in. */
  readonly atSeconds: number;
}

/**
 * The average before an expiry as far as a cut knows it, and the settlement price once it is final.
 *
 * @param before Ascending: every positive answer of the window, after the last one before it, up to the cut and the expiry.
 * @param after The first positive answer after the expiry that the cut knows, if any.
 * @param cutSeconds Time of the hub's cut block.
 * @example averageAtExpiry([{ priceE8: 100n, atSeconds: 0 }], undefined, 7_200, 7_261).settlementE8 // 100n
 */
export function averageAtExpiry(
  before: readonly TimedAnswer[],
  after: TimedAnswer | undefined,
  expirySeconds: number,
  cutSeconds: number,
): ExpiryAverage {
  const start = expirySeconds - settlementWindowSeconds;
  const end = Math.min(cutSeconds, expirySeconds);
  const last = before.at(-1);
  const isFinal = cutSeconds > expirySeconds + settlementDelaySeconds;
  if (last === undefined || last.atSeconds + mostSilenceSeconds < expirySeconds) {
    return { priceSecondsE8: 0n, seconds: 0, settlementE8: isFinal ? (after?.priceE8 ?? null) : null };
  }
  let priceSecondsE8 = 0n;
  let seconds = 0;
  for (const [index, { priceE8, atSeconds }] of before.entries()) {
    const from = Math.max(start, atSeconds);
    const until = Math.min(end, before[index + 1]?.atSeconds ?? end);
    if (until <= from) continue;
    priceSecondsE8 += priceE8 * BigInt(until - from);
    seconds += until - from;
  }
  // An answer in the very block of the expiry has held for no time.
  const average = seconds === 0 ? last.priceE8 : divDown(priceSecondsE8, BigInt(seconds));
  return { priceSecondsE8, seconds, settlementE8: isFinal ? average : null };
}
