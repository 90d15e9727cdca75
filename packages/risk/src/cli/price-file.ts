import { RiskError } from "../errors.ts";
import type { PriceHistory } from "../history/returns.ts";

/** A price file that cannot be read as one. */
export class InvalidPriceFile extends RiskError {
  readonly line: number;

  constructor(line: number, problem: string) {
    super(
      "INVALID_PRICE_FILE",
      `Line ${line} of the price file: ${problem}.`,
      "Give CSV with a header such as time_utc,btc_open,btc_high,btc_low,btc_close and one row for every hour.",
    );
    this.line = line;
  }
}

/** Hourly prices and the times, as they were written, at which the hours began. */
export interface PriceFile extends PriceHistory {
  readonly times: readonly string[];
}

const hourMilliseconds = 3_600_000;
const fields = ["open", "high", "low", "close"] as const;

/**
 * Reads CSV: `time_utc`, then `<name>_open`, `_high`, `_low` and `_close` for every underlying; one row an hour.
 * @throws {InvalidPriceFile} naming the line.
 */
export function parsePriceFile(text: string): PriceFile {
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  const underlyings = parseHeader(lines[0] ?? "");
  const times: string[] = [];
  const closes = underlyings.map(() => new Float64Array(Math.max(0, lines.length - 1)));
  let before = Number.NaN;
  for (const [index, text] of lines.slice(1).entries()) {
    const line = index + 2;
    const cells = text.split(",");
    if (cells.length !== 1 + 4 * underlyings.length) {
      throw new InvalidPriceFile(line, `it has ${cells.length} cells, not ${1 + 4 * underlyings.length}`);
    }
    const time = cells[0] ?? "";
    const milliseconds = Date.parse(time);
    if (!/^\d{4}-\d\d-\d\dT.*Z$/.test(time) || Number.isNaN(milliseconds)) {
      throw new InvalidPriceFile(line, `"${time}" is not a time in UTC such as 2024-01-01T00:00Z`);
    }
    if (index > 0 && milliseconds - before !== hourMilliseconds) {
      throw new InvalidPriceFile(line, `${time} does not follow the row before it by one hour`);
    }
    before = milliseconds;
    times.push(time);
    for (const [u, underlying] of underlyings.entries()) {
      const prices = fields.map((field, offset) =>
        parsePrice(cells[1 + 4 * u + offset] ?? "", `${underlying}_${field}`, line),
      );
      const [open = 0, high = 0, low = 0, close = 0] = prices;
      if (high < Math.max(open, low, close) || low > Math.min(open, high, close)) {
        throw new InvalidPriceFile(line, `${underlying}'s open or close is not between its low and its high`);
      }
      const series = closes[u];
      if (series) series[index] = close;
    }
  }
  if (times.length === 0) throw new InvalidPriceFile(lines.length + 1, "there are no prices");
  return { underlyings: underlyings.map((name) => name.toUpperCase()), closes, times };
}

function parseHeader(header: string): string[] {
  const [time, ...columns] = header.split(",");
  if (time !== "time_utc") throw new InvalidPriceFile(1, "the first column is not time_utc");
  const underlyings: string[] = [];
  for (let c = 0; c < columns.length; c += 4) {
    const name = (columns[c] ?? "").replace(/_open$/, "");
    for (const [offset, field] of fields.entries()) {
      if (columns[c + offset] !== `${name}_${field}`) {
        throw new InvalidPriceFile(1, `column ${c + offset + 2} should be ${name}_${field}`);
      }
    }
    underlyings.push(name);
  }
  if (underlyings.length === 0) throw new InvalidPriceFile(1, "it names no underlying");
  if (new Set(underlyings).size !== underlyings.length) throw new InvalidPriceFile(1, "it names an underlying twice");
  return underlyings;
}

function parsePrice(cell: string, column: string, line: number): number {
  const price = Number(cell);
  if (!/^\d/.test(cell) || !(price > 0) || price === Number.POSITIVE_INFINITY) {
    throw new InvalidPriceFile(line, `"${cell}" in ${column} is not a positive price`);
  }
  return price;
}
