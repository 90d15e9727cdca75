import { accountMargin } from "@plimsoll/risk/account/account-margin";
import { priceMarket } from "@plimsoll/risk/account/priced-market";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  alice,
  btc,
  btcPerp,
  calmPrices,
  day,
  deposit,
  eth,
  ethPerp,
  makeInput,
  marketB,
  oneUsd,
  portfolio,
  usd,
  usdc,
  type World,
  weth,
} from "../test/world.ts";
import { nameToId } from "./account.ts";
import type { AccountAssetKey, InstrumentId } from "./ids.ts";
import { riskAccountAt, riskMarketAt } from "./risk-market.ts";
import type { ExpiryAverage, ExpiryTerms, Instrument } from "./state.ts";
import { transition } from "./transition/transition.ts";

const expiry = day + 40 * 86_400;
const charges = { chargeBps: 7, basisBpsAYear: 200, mostBasisBps: 100, shortMinimumBps: 150 };
const dated = { underlying: btc, multiplierE8: oneUsd / 10n, expirySeconds: expiry, ...charges };
const instruments = new Map<InstrumentId, Instrument>([
  [nameToId("BTC-F"), { ...dated, kind: "future", strikeE8: 0n }],
  [nameToId("BTC-C"), { ...dated, kind: "call", strikeE8: 130_000n * oneUsd }],
  [nameToId("BTC-P"), { ...dated, kind: "put", strikeE8: 110_000n * oneUsd }],
]);
const terms: ExpiryTerms = {
  basisRateE8: 5_000_000n,
  discountRateE8: 2_000_000n,
  atTheMoneyE8: 50_000_000n,
  skewE8: -50_000_000n,
  curvatureE8: 300_000_000n,
  setAtSeconds: day,
};
const policy = {
  referenceVolatilityE8: 500_000n,
  stressedVolatilityE8: 300_000n,
  floorBps: 7_000,
  capBps: 40_000,
  mostUpBps: 6_000,
  mostDownBps: 100,
};
const feed = `0x${"fe".repeat(20)}` as const;
const limits = { freshSeconds: 600, maxAgeSeconds: 3_600, lastSeconds: 7_200, widestBps: 25_000 };
const names: readonly InstrumentId[] = [btcPerp, ethPerp, ...instruments.keys()];

const size = fc.bigInt({ min: -300_000_000n, max: 300_000_000n });
const positions = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), size), { selector: ([id]) => id, maxLength: 5 })
  .map((list) => list.filter(([, held]) => held !== 0n));
const portfolios = fc
  .tuple(fc.bigInt({ min: -50_000n * oneUsd, max: 50_000n * oneUsd }), positions)
  .map(([cash, held]) => portfolio(cash, held));

/** Before, inside and after the window in which the expiry's price is fixed. */
const instants = fc.oneof(
  fc.integer({ min: day, max: expiry }),
  fc.integer({ min: expiry - 1_800, max: expiry }),
  fc.integer({ min: expiry, max: expiry + 5_000 }),
);

const worlds: fc.Arbitrary<World> = fc
  .record({
    at: instants,
    // Also of prices so old that their instruments have no leaf.
    ages: fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 3, maxLength: 3 }),
    funding: fc.bigInt({ min: -500n * oneUsd, max: 500n * oneUsd }),
    depth: fc.bigInt({ min: 100_000n * oneUsd, max: 100_000_000n * oneUsd }),
    volatility: fc.bigInt({ min: 100_000n, max: 5_000_000n }),
    dollars: fc.bigInt({ min: 0n, max: 1_000_000n }),
    ether: fc.bigInt({ min: 0n, max: 10n ** 21n }),
    b: portfolios,
    c: portfolios,
  })
  .map(({ at, ages, funding, depth, volatility, dollars, ether, b, c }) => {
    const inUsdc = deposit(alice, dollars);
    const key: AccountAssetKey = `${alice}:${weth}`;
    const ids = [btc, eth, usd];
    const passed = Math.max(0, Math.min(1_800, at - (expiry - 1_800)));
    const average: ExpiryAverage = {
      priceSecondsE8: 119_000n * oneUsd * BigInt(passed),
      seconds: passed,
      settlementE8: at > expiry + 2_500 ? 121_000n * oneUsd : null,
    };
    return {
      timestampSeconds: at,
      instruments,
      prices: new Map(
        ids.map((id, index) => {
          const { priceE8 } = calmPrices.get(id) ?? { priceE8: oneUsd };
          return [id, { priceE8, updatedAtSeconds: at - (ages[index] ?? 0) }];
        }),
      ),
      vaultTotals: new Map([...inUsdc.vaultTotals, [key, { deposited: ether, withdrawn: 0n, requestedTotal: 0n }]]),
      ledger: new Map([...inUsdc.ledger, [key, { deposited: ether, withdrawn: 0n }]]),
      portfolios: { b: new Map([[alice, b]]), c: new Map([[alice, c]]) },
      fundingIndex: new Map([[btcPerp, funding]]),
      averages: passed > 0 ? new Map([[btc, new Map([[expiry, average]])]]) : new Map(),
      volatility: new Map([
        [
          btc,
          {
            sampledPriceE8: 1n,
            sampledAtSeconds: day,
            excursionE8: 0n,
            fastVarianceE16: volatility * volatility,
            slowVarianceE16: 0n,
          },
        ],
      ]),
      risk: {
        underlyings: new Map(ids.map((id) => [id, { ...limits, feed, feedDecimals: 8, depthE8: depth }])),
        volatility: new Map([[btc, policy]]),
        expiries: new Map([[btc, new Map([[expiry, terms]])]]),
        assets: new Map([
          [`1:${usdc}` as const, { underlying: usd, haircutBps: 100, decimals: 6, depthE8: depth }],
          [`1:${weth}` as const, { underlying: eth, haircutBps: 1000, decimals: 18, depthE8: depth / 3000n }],
        ]),
      },
    };
  });

test("behavior: an account in the market is worth what the transition says, in every scenario, to the last digit", () => {
  let valued = 0;
  fc.assert(
    fc.property(worlds, (world) => {
      const input = makeInput(1, world);
      const { epoch, accounts } = transition(input);
      const report = accounts.get(alice);
      if (report === undefined || report.problem !== null) return;
      const priced = priceMarket(riskMarketAt(input.state, epoch));
      const margin = accountMargin(priced, riskAccountAt(input.state, alice, report));
      expect(margin.values).toEqual([...report.values]);
      const { base, worst, worstScenario, initialMargin, maintenanceMargin } = margin;
      expect({ base, worst, worstScenario, initialMargin, maintenanceMargin }).toEqual(report.margin);
      for (const [id, { mark, charge, prices }] of epoch.instruments) {
        const one = priced.instrument(id);
        expect([one.mark, one.charge, [...one.prices]]).toEqual([mark, charge, [...prices]]);
      }
      valued++;
    }),
    { numRuns: 200 },
  );
  expect(valued).toBeGreaterThan(10);
});

test("behavior: the multiplier is the one that the epoch's leaves tell, not a step further", () => {
  const world: World = {
    risk: { volatility: new Map([[btc, policy]]) },
    volatility: new Map([
      [
        btc,
        {
          sampledPriceE8: 1n,
          sampledAtSeconds: day,
          excursionE8: 0n,
          fastVarianceE16: 1_000_000n ** 2n,
          slowVarianceE16: 0n,
        },
      ],
    ]),
    portfolios: { b: new Map([[alice, portfolio(0n, [[btcPerp, oneUsd]])]]) },
    ...deposit(alice, 500_000n),
  };
  const first = transition(makeInput(1, world)).epoch;
  const input = makeInput(2, world, [first]);
  const { epoch, accounts } = transition(input);
  expect(epoch.instruments.get(btcPerp)?.stressBps).toBe(20_000);
  expect(riskMarketAt(input.state, epoch).underlyings.get(btc)?.multiplierBps).toBe(20_000n);
  const report = accounts.get(alice);
  if (report === undefined) throw new TypeError("alice has collateral");
  const account = riskAccountAt(input.state, alice, report);
  expect(accountMargin(priceMarket(riskMarketAt(input.state, epoch)), account).values).toEqual([...report.values]);
  expect(account.chains.map(({ chain }) => chain)).toContain(`2:${marketB}`);
});
