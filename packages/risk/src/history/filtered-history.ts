import { HistoryTooShort, InvalidHistory } from "./errors.ts";
import { logReturns, type PriceHistory } from "./returns.ts";
import { forecastVolatilities, type VolatilityPolicy } from "./volatility.ts";

/** Returns in units of the volatility that was forecast for their hour, ready to be rescaled to any day's. */
export interface FilteredHistory {
  readonly underlyings: readonly string[];
  /** Per underlying; entry t knows hours before t alone. */
  readonly volatilities: readonly Float64Array[];
  /** Per underlying, `sums[u][t]`: the sum of standardized returns before t. Flat during the warm-up. */
  readonly sums: readonly Float64Array[];
  /** The first return that is standardized. */
  readonly first: number;
}

/**
 * Divides every return by its own volatility forecast, which knew nothing of it.
 * @throws {HistoryTooShort | InvalidHistory}
 */
export function filterHistory(history: PriceHistory, policy: VolatilityPolicy): FilteredHistory {
  const hours = history.closes[0]?.length ?? 0;
  if (hours === 0 || history.closes.length !== history.underlyings.length) throw new InvalidHistory("it has no prices");
  if (history.closes.some(({ length }) => length !== hours)) throw new InvalidHistory("series differ in length");
  const returns = history.closes.map(logReturns);
  const volatilities = returns.map((series) => forecastVolatilities(series, policy));
  const first = policy.warmUpHours;
  const sums = returns.map((series, u) => {
    const sum = new Float64Array(series.length + 1);
    for (let t = first; t < series.length; t++) {
      sum[t + 1] = (sum[t] as number) + (series[t] as number) / (volatilities[u]?.[t] as number);
    }
    return sum;
  });
  return { underlyings: history.underlyings, volatilities, sums, first };
}

/** Which past stretches a simulation draws from. */
export interface Window {
  /** Simulates what follows this many returns; those before it are all that it uses. */
  readonly now: number;
  readonly horizonHours: number;
  /** Hours to look back. */
  readonly lookbackHours: number;
  /** From one stretch to the next: 1 for overlapping ones, `horizonHours` for ones that share no hour. */
  readonly stepHours: number;
}

/** Simulated joint moves: `moves[u][k]` is underlying u's in the k-th past stretch, as a share of its price today. */
export type SimulatedMoves = readonly Float64Array[];

/**
 * Filtered historical simulation: what each past stretch of `horizonHours` would be at today's volatility.
 *
 *     move = exp(volatility today * sum of (return / volatility forecast then)) - 1
 *
 * Returns are rescaled as in Hull & White, "Incorporating volatility updating into the historical simulation method
 * for value at risk", Journal of Risk 1 (1998), hour by hour; all underlyings keep their common dates, and so their
 * dependence (Barone-Adesi, Giannopoulos & Vosper, "VaR without correlations for portfolios of derivative
 * securities", Journal of Futures Markets 19 (1999)). Volatility is held at today's over the horizon.
 *
 * @throws {HistoryTooShort} when not one stretch fits.
 */
export function simulateMoves(history: FilteredHistory, window: Window): SimulatedMoves {
  const starts = stretchStarts(history, window);
  return history.sums.map((sums, u) => {
    const today = history.volatilities[u]?.[window.now] as number;
    return Float64Array.from(starts, (start) =>
      Math.expm1(today * ((sums[start + window.horizonHours] as number) - (sums[start] as number))),
    );
  });
}

/** The first return of each past stretch, newest first. */
export function stretchStarts(history: FilteredHistory, window: Window): number[] {
  const { now, horizonHours, lookbackHours, stepHours } = window;
  const oldest = Math.max(history.first, now - lookbackHours);
  const starts: number[] = [];
  for (let start = now - horizonHours; start >= oldest; start -= stepHours) starts.push(start);
  if (starts.length === 0) throw new HistoryTooShort(history.first + horizonHours + 1, now + 1);
  return starts;
}
