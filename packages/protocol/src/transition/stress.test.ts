import { expect, test } from "vitest";
import {
  alice,
  btc,
  btcPerp,
  calmPrices,
  day,
  deep,
  deposit,
  eth,
  ethPerp,
  feedLimits,
  makeInput,
  oneUsd,
  portfolio,
  usd,
  usdc,
  type World,
} from "../../test/world.ts";
import type { Epoch } from "../epoch.ts";
import type { AccountAssetKey } from "../ids.ts";
import { transition } from "./transition.ts";

const policy = {
  referenceVolatilityE8: 500_000n,
  stressedVolatilityE8: 300_000n,
  floorBps: 7_000,
  capBps: 40_000,
  mostUpBps: 6_000,
  mostDownBps: 100,
};
const feed = `0x${"fe".repeat(20)}` as const;
const underlyings = (depthE8: bigint) =>
  new Map([btc, eth, usd].map((id) => [id, { ...feedLimits, feed, feedDecimals: 8, depthE8 }]));
const volatile = (volatilityE8: bigint, more: World = {}): World => {
  const variance = { fastVarianceE16: volatilityE8 * volatilityE8, slowVarianceE16: 0n };
  const sample = { sampledPriceE8: 1n, sampledAtSeconds: day, excursionE8: 0n };
  return {
    ...more,
    risk: { volatility: new Map([[btc, policy]]), ...more.risk },
    volatility: new Map([[btc, { ...sample, ...variance }]]),
  };
};
const run = (given: World, earlier: readonly Epoch[] = [], number = 1) => transition(makeInput(number, given, earlier));

test("default: shocks follow volatility, up by large steps and down by small ones", () => {
  const stress = (epoch: Epoch) => [
    epoch.instruments.get(btcPerp)?.stressBps,
    epoch.instruments.get(ethPerp)?.stressBps,
  ];
  const first = run(volatile(1_000_000n)).epoch;
  expect(stress(first)).toEqual([16_000, 10_000]);
  const second = run(volatile(1_000_000n), [first], 2).epoch;
  expect(stress(second)).toEqual([20_000, 10_000]);
  const third = run(volatile(100_000n), [first, second], 3).epoch;
  expect(stress(third)).toEqual([19_900, 10_000]);
  // 15 % down, doubled.
  expect(second.instruments.get(btcPerp)?.prices[2]).toBe(84_000n * oneUsd);
});

test("behavior: the multiplier outlasts epochs in which nothing of it has a leaf", () => {
  const first = run(volatile(1_000_000n)).epoch;
  const silent = volatile(1_000_000n, { prices: new Map(calmPrices).set(btc, { priceE8: 1n, updatedAtSeconds: 0 }) });
  const second = run(silent, [first], 2).epoch;
  expect(second.instruments.has(btcPerp)).toBe(false);
  const third = run(volatile(100_000n), [first, second], 3).epoch;
  expect(third.instruments.get(btcPerp)?.stressBps).toBe(15_900);
});

test("behavior: collateral moves by the multiplied shocks too", () => {
  const assets = new Map([[`1:${usdc}` as const, { underlying: btc, haircutBps: 0, decimals: 6, depthE8: deep }]]);
  const worst = (given: World) => run({ ...given, ...deposit(alice, 1n) }).accounts.get(alice)?.margin.worst ?? 0n;
  const calm = worst({ risk: { assets } });
  const stressed = worst(volatile(800_000n, { risk: { assets } }));
  // 20 % down, and 1.6 times that.
  expect([calm, stressed].map((value) => value / oneUsd)).toEqual([95_999n, 81_599n]);
});

test("behavior: the more collateral against its depth, the less of it counts, and a withdrawal is worth the difference", () => {
  const depthE8 = 90_000n * oneUsd;
  const assets = new Map([[`1:${usdc}` as const, { underlying: usd, haircutBps: 0, decimals: 6, depthE8 }]]);
  const base = (dollars: bigint) =>
    (run({ risk: { assets }, ...deposit(alice, dollars) }).accounts.get(alice)?.margin.base ?? 0n) / oneUsd;
  expect([10_000n, 90_000n, 1_000_000n].map(base)).toEqual([9_000n, 45_000n, 82_568n]);

  // Of 90,000 half counts: 45,000. A position needs 9,000, which 10,000 cover (9,000 count), and 9,999 do not.
  const held = portfolio(-45_000n * oneUsd, [[btcPerp, (375n * oneUsd) / 1_000n]]);
  const approvals = (left: bigint) =>
    run({
      ...{ risk: { assets }, ...deposit(alice, 90_000n, 90_000n - left) },
      portfolios: { b: new Map([[alice, held]]) },
    })
      .epoch.chains.get(1)
      ?.withdrawals.get(`${alice}:${usdc}` as AccountAssetKey);
  expect(approvals(9_950n)).toBeUndefined();
  expect(approvals(10_100n)?.approvedTotal).toBe(79_900n * 1_000_000n);
});

test("behavior: a position large against its market costs capacity on all chains, and hedges over chains net", () => {
  const risk = { underlyings: underlyings(1_000_000n * oneUsd) };
  const world = (b: bigint, c: bigint): World => ({
    ...deposit(alice, 1_000_000n),
    risk,
    portfolios: {
      b: new Map([[alice, portfolio(-b * 120_000n, [[btcPerp, b]])]]),
      c: new Map([[alice, portfolio(-c * 120_000n, [[btcPerp, c]])]]),
    },
  });
  const report = (b: bigint, c: bigint) => run(world(b, c)).accounts.get(alice);
  // 1.2 million against a depth of 1 million: 1.44 / 2.2 million.
  expect((report(4n * oneUsd, 6n * oneUsd)?.concentration ?? 0n) / oneUsd).toBe(654_545n);
  expect(report(4n * oneUsd, 6n * oneUsd)?.concentration).toBe(report(10n * oneUsd, 0n)?.concentration);
  expect(report(6n * oneUsd, -6n * oneUsd)?.concentration).toBe(0n);
  expect(report(10n * oneUsd, 0n)?.values[0]).toBe(
    (run({ ...world(10n * oneUsd, 0n), risk: { underlyings: underlyings(deep) } }).accounts.get(alice)?.values[0] ??
      0n) -
      (report(10n * oneUsd, 0n)?.concentration ?? 0n) +
      1n,
  );
});
