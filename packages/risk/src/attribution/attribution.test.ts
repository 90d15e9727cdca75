import fc from "fast-check";
import { expect, test } from "vitest";
import { ScenarioCountMismatch } from "../errors.ts";
import { oneE8 } from "../fixed-point.ts";
import { portfolioLosses } from "../portfolio.ts";
import { attributeMargin, type ChainPortfolio, compareIsolated } from "./attribution.ts";

const ether = {
  notional: 4_000n * oneE8,
  charge: 2n * oneE8,
  prices: BigInt64Array.of(4_000n * oneE8, 3_000n * oneE8, 5_000n * oneE8),
};
const hedge: ChainPortfolio[] = [
  {
    chain: "birch",
    cash: 0n,
    positions: [{ instrumentId: "ETH-PERP", size: 2n * oneE8, instrument: ether }],
    collateral: [],
  },
  {
    chain: "cedar",
    cash: 0n,
    positions: [{ instrumentId: "ETH-PERP", size: -3n * oneE8, instrument: ether }],
    collateral: [{ asset: "USDC", values: [5_000n * oneE8, 5_000n * oneE8, 5_000n * oneE8] }],
  },
];

test("default: a hedge adds what it takes away", () => {
  const { summary, chains, scenarios, bindingExcess } = attributeMargin(hedge, 6000);
  expect(summary).toMatchObject({ initialMargin: 1_000n * oneE8, worstScenario: 2 });
  expect(chains).toEqual([
    { chain: "birch", margin: -2_000n * oneE8 },
    { chain: "cedar", margin: 3_000n * oneE8 },
  ]);
  expect(scenarios).toEqual([0n, -1_000n * oneE8, 1_000n * oneE8]);
  expect(bindingExcess).toBe(1_000n * oneE8);
  expect(compareIsolated(hedge)).toMatchObject({
    cross: 1_000n * oneE8,
    isolated: 5_000n * oneE8,
    saving: 4_000n * oneE8,
  });
});

const price = fc.bigInt({ min: 0n, max: 10n ** 13n });
const position = fc.record({
  instrumentId: fc.constant("X"),
  size: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  instrument: fc.record({
    notional: fc.constant(0n),
    charge: fc.bigInt({ min: 0n, max: 10n ** 8n }),
    prices: fc.array(price, { minLength: 4, maxLength: 4 }).map((prices) => BigInt64Array.from(prices)),
  }),
});
const portfolio = fc.record({
  chain: fc.constantFrom("alder", "birch"),
  cash: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  positions: fc.array(position, { maxLength: 4 }),
  collateral: fc.array(
    fc.record({ asset: fc.constant("A"), values: fc.array(price, { minLength: 4, maxLength: 4 }) }),
    { minLength: 1, maxLength: 2 },
  ),
});

test("behavior: the parts sum to the whole, to the last digit, and isolated is never less", () => {
  fc.assert(
    fc.property(fc.array(portfolio, { minLength: 1, maxLength: 4 }), (portfolios) => {
      const { summary, positions, collateral, chains, scenarios } = attributeMargin(portfolios, 6000);
      const sum = (parts: readonly { margin: bigint }[]) => parts.reduce((total, { margin }) => total + margin, 0n);
      expect(sum(positions) + sum(collateral)).toBe(summary.initialMargin);
      expect(sum(chains)).toBe(summary.initialMargin);
      expect(scenarios[summary.worstScenario]).toBe(summary.initialMargin);

      const losses = portfolios.map(({ cash, positions }) => portfolioLosses(cash, positions, 4));
      const base = losses.reduce((total, loss) => total - (loss[0] ?? 0n), 0n);
      const held = portfolios
        .flatMap(({ collateral }) => collateral)
        .reduce((t, { values }) => t + (values[0] ?? 0n), 0n);
      expect(summary.base).toBe(base + held);

      // Each chain is rounded once, so that cross margin may be above the exact figure by one for each.
      expect(compareIsolated(portfolios).saving >= -BigInt(portfolios.length)).toBe(true);
    }),
  );
});

test("error: ScenarioCountMismatch", () => {
  const short = { ...ether, prices: ether.prices.slice(0, 2) };
  const positions = [{ instrumentId: "X", size: 1n, instrument: short }];
  expect(() => attributeMargin([...hedge, { chain: "alder", cash: 0n, positions, collateral: [] }], 1)).toThrow(
    ScenarioCountMismatch,
  );
});
