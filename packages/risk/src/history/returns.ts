import { InvalidHistory } from "./errors.ts";

/** Hourly closing prices of several underlyings, in USD; `closes[u][t]` is underlying u's at the end of hour t. */
export interface PriceHistory {
  readonly underlyings: readonly string[];
  readonly closes: readonly Float64Array[];
}

/**
 * Hourly log returns: entry t is ln(close[t + 1] / close[t]).
 * @throws {InvalidHistory} for a price that is not positive.
 */
export function logReturns(closes: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, closes.length - 1));
  for (let t = 0; t < closes.length; t++) {
    const close = closes[t] as number;
    if (!(close > 0) || close === Number.POSITIVE_INFINITY) throw new InvalidHistory(`price ${t} is ${close}`);
    if (t > 0) returns[t - 1] = Math.log(close / (closes[t - 1] as number));
  }
  return returns;
}
