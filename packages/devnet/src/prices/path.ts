import type { Candle, CandleHour } from "./candles.ts";

/** One instant of the replay. USD with 8 decimals. */
export interface PricePoint {
  readonly hour: string;
  /** Minutes into the hour. */
  readonly minute: number;
  readonly btc: bigint;
  readonly eth: bigint;
}

/** Where inside the hour its four prices are put. When in the hour the extremes came, a candle does not say. */
const minutes = [0, 20, 40, 59] as const;

/**
 * Expands hours into four points each: open, the two extremes, close. The extreme nearer to the open comes first (the
 * shortest path through the candle) unless the table knows better.
 *
 * @example
 * const points = pricePath(october10Candles());
 */
export function pricePath(hours: readonly CandleHour[]): PricePoint[] {
  return hours.flatMap(({ hour, btc, eth, firstExtreme }) => {
    const btcPath = candlePath(btc, firstExtreme);
    const ethPath = candlePath(eth, firstExtreme);
    return minutes.map((minute, step) => ({
      hour,
      minute,
      btc: btcPath[step] ?? btc.close,
      eth: ethPath[step] ?? eth.close,
    }));
  });
}

function candlePath({ open, high, low, close }: Candle, firstExtreme: "low" | "high" | null): bigint[] {
  const first = firstExtreme ?? (high - open < open - low ? "high" : "low");
  return first === "high" ? [open, high, low, close] : [open, low, high, close];
}
