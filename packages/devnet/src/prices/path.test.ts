import fc from "fast-check";
import { expect, test } from "vitest";
import { october10Candles } from "./candles.ts";
import { pricePath } from "./path.ts";

test("default: the hour of the crash goes down before it goes up", () => {
  const hour = october10Candles().filter(({ hour }) => hour === "2025-10-10T21:00Z");
  expect(pricePath(hour).map(({ btc, eth }) => [Number(btc) / 1e8, Number(eth) / 1e8])).toEqual([
    [114_266.82, 3_871.31],
    [102_000, 3_435],
    [115_112.69, 4_380],
    [113_451.86, 3_949.99],
  ]);
});

test("behavior: the whole table is eighteen hours, each low not above and each high not below the rest", () => {
  const hours = october10Candles();
  expect(hours).toHaveLength(18);
  for (const { btc, eth } of hours) {
    for (const { open, high, low, close } of [btc, eth]) {
      expect([open, high, close].every((price) => price >= low)).toBe(true);
      expect([open, low, close].every((price) => price <= high)).toBe(true);
    }
  }
});

test("behavior: an hour's path has its four prices, begins at the open, ends at the close", () => {
  const price = fc.bigInt({ min: 1n, max: 10n ** 14n });
  const candle = fc.array(price, { minLength: 4, maxLength: 4 }).map((prices) => {
    const [low = 1n, first = 1n, second = 1n, high = 1n] = prices.sort((a, b) => (a < b ? -1 : 1));
    return { open: first, high, low, close: second };
  });
  fc.assert(
    fc.property(candle, candle, fc.constantFrom(null, "low" as const, "high" as const), (btc, eth, firstExtreme) => {
      const path = pricePath([{ hour: "2025-10-10T12:00Z", btc, eth, firstExtreme }]);
      const bitcoin = path.map((point) => point.btc);
      expect(new Set(bitcoin)).toEqual(new Set(Object.values(btc)));
      expect([bitcoin.at(0), bitcoin.at(-1)]).toEqual([btc.open, btc.close]);
      if (firstExtreme) expect(path.map((point) => point.eth).at(1)).toBe(eth[firstExtreme]);
      else expect(shortest(btc)).toBe(length(bitcoin));
    }),
  );
});

function shortest({ open, high, low, close }: { open: bigint; high: bigint; low: bigint; close: bigint }): bigint {
  const ways = [length([open, high, low, close]), length([open, low, high, close])];
  // The nearer extreme first is the shorter way to the far one; what the close adds is not looked at.
  return high - open < open - low ? (ways[0] ?? 0n) : (ways[1] ?? 0n);
}

function length(path: readonly bigint[]): bigint {
  return path.slice(1).reduce((sum, price, index) => {
    const step = price - (path[index] ?? price);
    return sum + (step < 0n ? -step : step);
  }, 0n);
}
