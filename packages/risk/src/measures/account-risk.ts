import type { FilteredHistory } from "../history/filtered-history.ts";
import type { Situation } from "../what-if/change.ts";
import { accountRevaluation } from "./account-revaluation.ts";
import { type BreachChance, breachChance } from "./breach-chance.ts";
import { type RiskOfLoss, valueAtRisk } from "./value-at-risk.ts";

/** What people are told of an account's risk, in USD. */
export interface AccountRisk {
  /** For an hour, eight hours and a day. */
  readonly valueAtRisk: readonly RiskOfLoss[];
  /** The chance to fall under maintenance margin within an hour and within eight. */
  readonly breach: readonly BreachChance[];
  /** Underlyings of the account that the history does not know, and that therefore stand still. */
  readonly unmoved: readonly string[];
}

/**
 * Value at risk 99 %, expected shortfall 97.5 % and the chance of a breach, by filtered historical simulation with the whole
 * account revalued, options included: see `accountRevaluation`.
 *
 * @param now Simulates what follows this many returns of the history: its last entry for today.
 * @throws {HistoryTooShort | UnknownInMarket}
 * @example accountRisk({ priced, account }, filterHistory(prices, defaultVolatilityPolicy), prices.times.length - 1, 4380)
 */
export function accountRisk(
  situation: Situation,
  history: FilteredHistory,
  now: number,
  lookbackHours: number,
): AccountRisk {
  const { value, excess, unmoved } = accountRevaluation(situation, history.underlyings, [0, 1, 8, 24]);
  const window = (horizonHours: number) => ({ now, horizonHours, lookbackHours, stepHours: 1 });
  return {
    valueAtRisk: [1, 8, 24].map((hours) => valueAtRisk(history, value, window(hours))),
    breach: [1, 8].map((hours) => breachChance(history, excess, window(hours))),
    unmoved,
  };
}
