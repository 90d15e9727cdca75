import { readFileSync } from "node:fs";
import { parseUnits } from "viem";
import { z } from "zod";

/** One hour of one coin. USD with 8 decimals. */
export interface Candle {
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
}

export interface CandleHour {
  /** Start of the hour, as the table writes it: `2025-10-10T21:00Z`. */
  readonly hour: string;
  readonly btc: Candle;
  readonly eth: Candle;
  /** Which extreme is known to have come first; null where nobody wrote it down. */
  readonly firstExtreme: "low" | "high" | null;
}

const priceE8 = z
  .string()
  .regex(/^\d+(\.\d{1,8})?$/)
  .transform((text) => parseUnits(text, 8));
const row = z.tuple([
  z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:00Z$/),
  priceE8,
  priceE8,
  priceE8,
  priceE8,
  priceE8,
  priceE8,
  priceE8,
  priceE8,
  z.enum(["low", "high", ""]),
]);

/**
 * Binance's spot prices, hour by hour, from noon of 10 October 2025 until the next morning (UTC).
 *
 * @example
 * const crash = october10Candles().find(({ hour }) => hour === "2025-10-10T21:00Z");
 */
export function october10Candles(): CandleHour[] {
  const [, ...lines] = readFileSync(new URL("../../data/2025-10-10.csv", import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => {
    const [hour, btcOpen, btcHigh, btcLow, btcClose, ethOpen, ethHigh, ethLow, ethClose, firstExtreme] = row.parse(
      line.split(","),
    );
    return {
      hour,
      btc: { open: btcOpen, high: btcHigh, low: btcLow, close: btcClose },
      eth: { open: ethOpen, high: ethHigh, low: ethLow, close: ethClose },
      firstExtreme: firstExtreme === "" ? null : firstExtreme,
    };
  });
}
