import { HistoryTooShort, InvalidHistory } from "./errors.ts";

/** How volatility is estimated from hourly returns. */
export interface VolatilityPolicy {
  /** Hours after which a return counts half, in the fast and in the slow estimate. */
  readonly fastHalfLifeHours: number;
  readonly slowHalfLifeHours: number;
  /** The estimate stays at or above this share of the highest slow estimate that was ever seen. */
  readonly stressedShare: number;
  /** Hours that the estimates start from: their mean square. No volatility is given for them. */
  readonly warmUpHours: number;
}

/** A day and thirty days; half of the worst; three weeks to start with. */
export const defaultVolatilityPolicy: VolatilityPolicy = {
  fastHalfLifeHours: 24,
  slowHalfLifeHours: 720,
  stressedShare: 0.5,
  warmUpHours: 504,
};

/**
 * The volatility of each hour as it could be told before that hour: a standard deviation of hourly log returns.
 *
 * Exponentially weighted, variance' = w * variance + (1 - w) * return^2 with w = 2^(-1 / half-life) (RiskMetrics 1996,
 * section 5.2), at two speeds, of which the higher one counts: up with the fast, down with the slow. No lower than a
 * share of the highest slow estimate so far.
 *
 * @returns One entry more than there are returns: entry t is for return t and knows returns before t alone; the last
 *   one is for the hour to come. NaN while warming up.
 * @throws {HistoryTooShort} when it does not reach past the warm-up.
 */
export function forecastVolatilities(returns: Float64Array, policy: VolatilityPolicy): Float64Array {
  const { warmUpHours } = policy;
  if (!(warmUpHours >= 1)) throw new InvalidHistory("a warm-up of less than an hour");
  if (returns.length < warmUpHours) throw new HistoryTooShort(warmUpHours + 1, returns.length + 1);
  const fastWeight = 2 ** (-1 / policy.fastHalfLifeHours);
  const slowWeight = 2 ** (-1 / policy.slowHalfLifeHours);
  const volatilities = new Float64Array(returns.length + 1).fill(Number.NaN);
  let start = 0;
  for (let t = 0; t < warmUpHours; t++) start += (returns[t] as number) ** 2 / warmUpHours;
  let fast = start;
  let slow = start;
  let highest = start;
  for (let t = warmUpHours; t <= returns.length; t++) {
    highest = Math.max(highest, slow);
    volatilities[t] = Math.max(Math.sqrt(fast), Math.sqrt(slow), policy.stressedShare * Math.sqrt(highest), 1e-12);
    if (t === returns.length) break;
    const square = (returns[t] as number) ** 2;
    fast = fastWeight * fast + (1 - fastWeight) * square;
    slow = slowWeight * slow + (1 - slowWeight) * square;
  }
  return volatilities;
}
