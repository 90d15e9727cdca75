import { type FilteredHistory, stretchStarts, type Window } from "../history/filtered-history.ts";
import type { Revaluation } from "./linear-account.ts";

/** How likely an account falls under its maintenance margin within a horizon. */
export interface BreachChance {
  readonly horizonHours: number;
  readonly chance: number;
  /** One standard error of a share of so many independent paths; overlapping ones know less than that. */
  readonly standardError: number;
  readonly paths: number;
}

/**
 * The share of simulated paths on which the account falls under maintenance at the end of any hour within the horizon.
 *
 * Paths are past stretches, rescaled hour by hour as in `simulateMoves`. Lows within an hour are not seen.
 *
 * @param excess Value minus maintenance margin, after moves: under zero is a breach.
 * @throws {HistoryTooShort}
 */
export function breachChance(history: FilteredHistory, excess: Revaluation, window: Window): BreachChance {
  const starts = stretchStarts(history, window);
  const today = history.volatilities.map((volatilities) => volatilities[window.now] as number);
  const joint = today.map(() => 0);
  const breached = starts.filter((start) => {
    for (let hour = 1; hour <= window.horizonHours; hour++) {
      for (const [u, sums] of history.sums.entries()) {
        joint[u] = Math.expm1((today[u] ?? 0) * ((sums[start + hour] as number) - (sums[start] as number)));
      }
      if (excess(joint, hour) < 0) return true;
    }
    return false;
  });
  const chance = breached.length / starts.length;
  return {
    horizonHours: window.horizonHours,
    chance,
    standardError: Math.sqrt((chance * (1 - chance)) / starts.length),
    paths: starts.length,
  };
}
