import fc from "fast-check";
import { expect, test } from "vitest";
import { type Holding, type InstrumentValuation, portfolioLosses } from "../portfolio.ts";
import { expiryScenarios } from "../pricing/expiry-scenarios.ts";
import { type PricedInstrument, riskArray } from "../risk-array.ts";
import type { ScenarioSet } from "../scenarios.ts";
import { feedStress } from "../shocks/feed-stress.ts";
import { stressedShocks } from "../shocks/stressed-shocks.ts";
import { standardVolatilityTerm } from "../shocks/volatility-term.ts";
import { chargeUnit, unitCharges } from "./unit-charges.ts";

const set: ScenarioSet = {
  underlyings: ["ETH"],
  priceShocksBps: [0, -1200, -1200, 1200, 1200, -300, 300, 0],
  volatilityShocksBps: [0, 3000, -2500, 3000, -2500, 0, 0, 4000],
};
const rows = set.priceShocksBps.length;
const oneUnit = 100_000_000n;

/** Everything that an instrument leaf is made of, drawn at random. */
const instruments = fc
  .record({
    kind: fc.constantFrom("perpetual" as const, "future" as const, "call" as const, "put" as const),
    indexE8: fc.bigInt({ min: 1n, max: 10n ** 13n }),
    moneyness: fc.integer({ min: 1, max: 40_000 }),
    secondsToExpiry: fc.integer({ min: 0, max: 31_536_000 }),
    multiplierE8: fc.constantFrom(oneUnit, oneUnit / 7n, 1n, 13n * oneUnit),
    volatilityE8: fc.bigInt({ min: 1_000_000n, max: 300_000_000n }),
    multiplierBps: fc.bigInt({ min: 5_000n, max: 40_000n }),
    ageSeconds: fc.integer({ min: 0, max: 10_000 }),
    spreadBps: fc.integer({ min: 0, max: 300 }),
    basisBpsAYear: fc.integer({ min: 0, max: 2_000 }),
    shortMinimumBps: fc.integer({ min: 0, max: 1_000 }),
  })
  .map((drawn): InstrumentValuation => {
    const { kind, indexE8, secondsToExpiry, multiplierE8, volatilityE8 } = drawn;
    const limits = { freshSeconds: 1000, reduceOnlySeconds: 5000, widestBps: 30_000, mostUncertaintyBps: 0 };
    const feed = feedStress({ ageSeconds: drawn.ageSeconds, uncertaintyBps: 0 }, limits);
    const shocks = stressedShocks(set, "ETH", drawn.multiplierBps, feed);
    const rates = { basisRateE8: 3_000_000n, discountRateE8: 0n, volatilityTerm: standardVolatilityTerm };
    const strikeE8 = (indexE8 * BigInt(drawn.moneyness)) / 10_000n + 1n;
    const instrument: PricedInstrument = { kind, multiplierE8, strikeE8 };
    const expiry = expiryScenarios({ indexE8, secondsToExpiry, ...rates, ...shocks });
    const prices = riskArray(instrument, indexE8, shocks.priceShocksBps, { expiry, volatilityE8 });
    const notionalE8 = (indexE8 * multiplierE8) / oneUnit;
    const policy = { ...drawn, mostBasisBps: 500 };
    const charged = chargeUnit(prices, unitCharges({ kind, notionalE8, secondsToExpiry, prices }, policy));
    return { notional: notionalE8, ...charged };
  });

const sizes = fc.bigInt({ min: -(10n ** 11n), max: 10n ** 11n });
/** A position of one instrument on each of three chains: parts of one size, also with opposite signs. */
const portfolios = fc.record({
  held: fc.array(fc.record({ instrument: instruments, parts: fc.tuple(sizes, sizes, sizes) }), {
    minLength: 1,
    maxLength: 5,
  }),
  cash: fc.tuple(sizes, sizes, sizes),
});

const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n);

test("default: in every scenario, chains together lose no less than the portfolio as a whole", () => {
  fc.assert(
    fc.property(portfolios, ({ held, cash }) => {
      const whole = portfolioLosses(
        sum(cash),
        held.map(({ instrument, parts }): Holding => ({ instrument, size: sum(parts) })),
        rows,
      );
      const chains = [0, 1, 2].map((k) =>
        portfolioLosses(
          cash[k] ?? 0n,
          held.map(({ instrument, parts }): Holding => ({ instrument, size: parts[k] ?? 0n })),
          rows,
        ),
      );
      for (let s = 0; s < rows; s++)
        expect(sum(chains.map((losses) => losses[s] ?? 0n)) >= (whole[s] ?? 0n)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("behavior: the same search finds what a charge of the other sign, or one that grows with size, would break", () => {
  const breaks = (lossOf: (holding: Holding, s: number) => bigint) =>
    fc.check(
      fc.property(portfolios, ({ held }) =>
        held.every(({ instrument, parts }) =>
          [...instrument.prices.keys()].every((s) => {
            const together = lossOf({ instrument, size: sum(parts) }, s);
            return sum(parts.map((size) => lossOf({ instrument, size }, s))) >= together;
          }),
        ),
      ),
      { numRuns: 300 },
    ).failed;
  const magnitude = (size: bigint) => (size < 0n ? -size : size);
  const plain = ({ instrument, size }: Holding, s: number) =>
    magnitude(size) * instrument.charge - size * (instrument.prices[s] ?? 0n);
  expect(breaks(plain)).toBe(false);
  expect(
    breaks((holding, s) => plain(holding, s) - 2n * magnitude(holding.size) * (holding.instrument.charge + 1n)),
  ).toBe(true);
  expect(breaks((holding, s) => plain(holding, s) + holding.size ** 2n)).toBe(true);
});
