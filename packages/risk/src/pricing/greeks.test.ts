import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidPricingInput } from "./errors.ts";
import { aggregateGreeks, greeks } from "./greeks.ts";
import { type Market, type OptionTerms, price } from "./instrument.ts";

/** J. Hull, Options, Futures, and Other Derivatives, chapter "The Greek letters": a stock at 49, its call struck at 50. */
const hull: OptionTerms = { kind: "call", multiplier: 1, strike: 50, yearsToExpiry: 0.3846 };
const hullMarket: Market = { index: 49, basisRate: 0.05, discountRate: 0.05, volatility: 0.2 };

test("default: Hull's values", () => {
  const { delta, gamma, vega, theta, rho } = greeks(hull, hullMarket);
  expect(price(hull, hullMarket)).toBeCloseTo(2.4, 2);
  expect(delta).toBeCloseTo(0.522, 3);
  expect(gamma).toBeCloseTo(0.066, 3);
  expect(vega).toBeCloseTo(12.1, 1);
  expect(theta).toBeCloseTo(-4.31, 2);
  // Hull's rate moves the forward too: that is the index's delta times index times time.
  expect(rho + delta * 49 * 0.3846).toBeCloseTo(8.91, 2);
});

test("behavior: Haug's futures option, deltas 0.5946 and -0.3566", () => {
  const market: Market = { index: 105, discountRate: 0.1, volatility: 0.36 };
  const option = { multiplier: 1, strike: 100, yearsToExpiry: 0.5 } as const;
  expect(greeks({ ...option, kind: "call" }, market).delta).toBeCloseTo(0.5946, 4);
  expect(greeks({ ...option, kind: "put" }, market).delta).toBeCloseTo(-0.3566, 4);
});

test("behavior: Greeks are the differences of prices", () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const cases = fc.record({
    kind: fc.constantFrom("call", "put", "future"),
    strike: number(60, 160),
    yearsToExpiry: number(0.05, 2),
    basisRate: number(-0.1, 0.1),
    discountRate: number(-0.1, 0.1),
    volatility: number(0.1, 2),
  });
  fc.assert(
    fc.property(cases, ({ kind, strike, yearsToExpiry, ...rates }) => {
      const instrument = { kind, multiplier: 0.5, strike, yearsToExpiry };
      const market = { index: 100, ...rates };
      const at = (change: Partial<Market>, time = 0) =>
        price({ ...instrument, yearsToExpiry: yearsToExpiry + time }, { ...market, ...change });
      const slope = (h: number, f: (x: number) => number) => (f(h) - f(-h)) / (2 * h);
      const { delta, gamma, vega, theta, rho } = greeks(instrument, market);
      expect(delta).toBeCloseTo(
        slope(1e-3, (h) => at({ index: 100 + h })),
        6,
      );
      expect(gamma).toBeCloseTo((at({ index: 100.05 }) - 2 * at({}) + at({ index: 99.95 })) / 0.05 ** 2, 4);
      expect(vega).toBeCloseTo(
        slope(1e-5, (h) => at({ volatility: market.volatility + h })),
        4,
      );
      expect(theta).toBeCloseTo(-slope(1e-6, (h) => at({}, h)), 3);
      if (kind !== "future")
        expect(rho).toBeCloseTo(
          slope(1e-5, (h) => at({ discountRate: market.discountRate + h })),
          4,
        );
    }),
    { numRuns: 500 },
  );
});

test("behavior: at expiry an option is the underlying or nothing", () => {
  const expired: OptionTerms = { ...hull, strike: 40, yearsToExpiry: 0 };
  expect(greeks(expired, hullMarket)).toEqual({ delta: 1, gamma: 0, vega: 0, theta: 0, rho: 0 });
  expect(greeks({ ...expired, strike: 60 }, hullMarket).delta).toBe(0);
  expect(greeks({ ...expired, strike: 49 }, hullMarket).delta).toBe(0.5);
});

test("behavior: positions add up per underlying", () => {
  const call = greeks(hull, hullMarket);
  const perpetual = greeks({ kind: "perpetual", multiplier: 1 }, { index: 4000 });
  const { underlyings, total } = aggregateGreeks([
    { underlying: "ETH", size: 10, greeks: call },
    { underlying: "ETH", size: -2, greeks: perpetual },
    { underlying: "BTC", size: 3, greeks: perpetual },
  ]);
  expect(underlyings.get("ETH")?.delta).toBeCloseTo(10 * call.delta - 2, 12);
  expect(underlyings.get("BTC")?.delta).toBe(3);
  expect(total.vega).toBeCloseTo(10 * call.vega, 12);
});

test("error: InvalidPricingInput", () => {
  expect(() => greeks(hull, { index: 49 })).toThrow(InvalidPricingInput);
  expect(() => greeks(hull, { ...hullMarket, index: Number.NaN })).toThrow(InvalidPricingInput);
  const unit = greeks(hull, hullMarket);
  expect(() => aggregateGreeks([{ underlying: "ETH", size: Number.NaN, greeks: unit }])).toThrow(InvalidPricingInput);
});
