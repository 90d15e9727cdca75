import type { PriceHistory } from "../history/returns.ts";

/**
 * How much margin itself moved: the largest rise over one and five days, as a factor, and the highest over the lowest
 * (Murphy, Vasios & Vause, "An investigation into the procyclicality of risk-based initial margin models", Bank of
 * England Financial Stability Paper 29 (2014)).
 */
export interface Procyclicality {
  readonly oneDay: number;
  readonly fiveDays: number;
  readonly peakToTrough: number;
}

/** Measures a margin path, given hourly, from `firstHour` on. */
export function procyclicality(path: Float64Array, firstHour: number): Procyclicality {
  const margins = path.subarray(firstHour);
  const rise = (hours: number) =>
    margins.reduce(
      (most, margin, t) => (t < hours ? most : Math.max(most, margin / (margins[t - hours] as number))),
      1,
    );
  const highest = margins.reduce((most, margin) => Math.max(most, margin), 0);
  const lowest = margins.reduce((least, margin) => Math.min(least, margin), Number.POSITIVE_INFINITY);
  return { oneDay: rise(24), fiveDays: rise(120), peakToTrough: highest / lowest };
}

/** One of the hours in which an equal basket of all underlyings moved most, and what margin did around it. */
export interface WorstHour {
  /** The hour's number; its move is from the close before it to its own. */
  readonly hour: number;
  readonly move: number;
  /** Margin a day before the hour began, when it began, when it ended, and the highest in the day after. */
  readonly dayBefore: number;
  readonly atStart: number;
  readonly atEnd: number;
  readonly dayAfter: number;
  /**
   * For how many hours, up to its beginning, margin had stood 10 % or more above its lowest of the week before.
   * 0: it had not risen.
   */
  readonly leadHours: number;
}

/** The ten hours with the largest moves, worst first. */
export function worstHours(history: PriceHistory, margin: Float64Array, firstHour: number): WorstHour[] {
  const moves: { hour: number; move: number }[] = [];
  for (let hour = firstHour + 169; hour < margin.length; hour++) {
    const move = history.closes.reduce(
      (sum, closes) => sum + ((closes[hour] as number) / (closes[hour - 1] as number) - 1) / history.closes.length,
      0,
    );
    moves.push({ hour, move });
  }
  moves.sort((a, b) => Math.abs(b.move) - Math.abs(a.move));
  return moves.slice(0, 10).map(({ hour, move }) => {
    const start = hour - 1;
    const trough = margin.subarray(start - 168, start + 1).reduce((least, m) => Math.min(least, m), Number.MAX_VALUE);
    let leadHours = 0;
    while (leadHours < 168 && (margin[start - leadHours] as number) >= 1.1 * trough) leadHours++;
    return {
      hour,
      move,
      dayBefore: margin[start - 24] as number,
      atStart: margin[start] as number,
      atEnd: margin[hour] as number,
      dayAfter: margin.subarray(hour, hour + 25).reduce((most, m) => Math.max(most, m), 0),
      leadHours,
    };
  });
}
