import { expect, test } from "vitest";
import { InvalidPriceFile, parsePriceFile } from "./price-file.ts";

const header = "time_utc,btc_open,btc_high,btc_low,btc_close";
const good = [header, "2024-01-01T00:00Z,1,3,1,2", "2024-01-01T01:00Z,2,4,2,3.5", ""];

test("default: names, times and closes", () => {
  const { underlyings, times, closes } = parsePriceFile(good.join("\n"));
  expect({ underlyings, times }).toEqual({ underlyings: ["BTC"], times: ["2024-01-01T00:00Z", "2024-01-01T01:00Z"] });
  expect([...(closes[0] ?? [])]).toEqual([2, 3.5]);
});

test.each([
  ["an empty file", "", 1],
  ["no prices", header, 2],
  ["a missing column", "time_utc,btc_open,btc_high,btc_close", 1],
  ["no underlying", "time_utc", 1],
  ["an underlying twice", `${header},btc_open,btc_high,btc_low,btc_close`, 1],
  ["a missing cell", `${header}\n2024-01-01T00:00Z,1,3,1`, 2],
  ["a local time", `${header}\n2024-01-01T00:00,1,3,1,2`, 2],
  ["a gap", `${header}\n2024-01-01T00:00Z,1,3,1,2\n2024-01-01T02:00Z,1,3,1,2`, 3],
  ["an hour twice", `${header}\n2024-01-01T00:00Z,1,3,1,2\n2024-01-01T00:00Z,1,3,1,2`, 3],
  ["a price of zero", `${header}\n2024-01-01T00:00Z,1,3,1,0`, 2],
  ["a word", `${header}\n2024-01-01T00:00Z,1,3,1,none`, 2],
  ["an empty cell", `${header}\n2024-01-01T00:00Z,1,3,1,`, 2],
  ["a close above the high", `${header}\n2024-01-01T00:00Z,1,3,1,4`, 2],
])("error: InvalidPriceFile for %s, naming the line", (_, text, line) => {
  expect(() => parsePriceFile(text)).toThrow(InvalidPriceFile);
  expect(() => parsePriceFile(text)).toThrow(expect.objectContaining({ line }));
});
