import { expect, test } from "vitest";
import {
  alice,
  bob,
  btc,
  btcPerp,
  calmPrices,
  day,
  deposit,
  ethPerp,
  feedLimits,
  makeInput,
  marketB,
  marketC,
  oneUsd,
  portfolio,
  type World,
} from "../../test/world.ts";
import { checkPortfolioChange } from "../consumer-check.ts";
import { accountStatus, instrumentStatus } from "../epoch.ts";
import { transition } from "./transition.ts";

const btcOld = (seconds: number) =>
  new Map(calmPrices).set(btc, { priceE8: 120_000n * oneUsd, updatedAtSeconds: day - seconds });
const both = portfolio(-(12_000n + 4_300n) * oneUsd, [
  [btcPerp, oneUsd / 10n],
  [ethPerp, oneUsd],
]);
const world = (seconds: number): World => ({
  ...deposit(alice, 20_000n, 100n),
  prices: btcOld(seconds),
  portfolios: { b: new Map([[alice, both]]), c: new Map([[bob, portfolio(0n, [[ethPerp, oneUsd]])]]) },
});
const at = (seconds: number) => transition(makeInput(1, world(seconds)));

test("default: shocks widen with age, then positions may only shrink, then there is no leaf", () => {
  const { freshSeconds, maxAgeSeconds, lastSeconds } = feedLimits;
  const leaf = (seconds: number) => at(seconds).epoch.instruments.get(btcPerp);
  const falls = (seconds: number) => leaf(seconds)?.prices[2];
  expect(leaf(freshSeconds)?.status).toBe(instrumentStatus.active);
  expect(falls(freshSeconds)).toBe(102_000n * oneUsd);
  expect(falls(maxAgeSeconds)).toBe(84_000n * oneUsd);
  expect(leaf(maxAgeSeconds)?.status).toBe(instrumentStatus.active);
  expect(leaf(maxAgeSeconds + 1)?.status).toBe(instrumentStatus.reduceOnly);
  expect(falls(lastSeconds)).toBe(84_000n * oneUsd);
  expect(leaf(lastSeconds + 1)).toBeUndefined();
  // Valued all the same.
  expect(at(lastSeconds + 1).prices.get(btcPerp)?.prices[2]).toBe(84_000n * oneUsd);
});

test("behavior: an instrument whose feed is late does not keep its holder from getting out of the others", () => {
  const { epoch } = at(feedLimits.maxAgeSeconds + 1);
  const allotment = epoch.chains.get(2)?.allotments.get(marketB)?.get(alice);
  expect(allotment?.status).toBe(accountStatus.reduceOnly);
  const against = {
    epoch: 1,
    instruments: epoch.instruments,
    allotment: allotment ?? null,
    scenarios: 7,
  };
  const withoutEther = portfolio(-12_000n * oneUsd, [[btcPerp, oneUsd / 10n]]);
  expect(checkPortfolioChange(both, withoutEther, against).allowed).toBe(true);
  expect(checkPortfolioChange(both, portfolio(-4_300n * oneUsd, [[ethPerp, oneUsd]]), against).allowed).toBe(true);
  const more = portfolio(-(24_000n + 4_300n) * oneUsd, [
    [btcPerp, oneUsd / 5n],
    [ethPerp, oneUsd],
  ]);
  expect(checkPortfolioChange(both, more, against)).toMatchObject({ reason: "instrument-reduce-only" });
});

test("behavior: a late feed lets no collateral go, and concerns only those who hold what it prices", () => {
  const approved = (seconds: number) => at(seconds).epoch.chains.get(1)?.withdrawals.size;
  expect([feedLimits.maxAgeSeconds, feedLimits.maxAgeSeconds + 1].map(approved)).toEqual([1, 0]);
  const other = at(feedLimits.lastSeconds + 1)
    .epoch.chains.get(3)
    ?.allotments.get(marketC)
    ?.get(bob);
  expect(other?.status).toBe(accountStatus.active);
});

test("behavior: without a leaf, what is held is all that may be lost", () => {
  const { epoch, accounts } = at(feedLimits.lastSeconds + 1);
  const report = accounts.get(alice)?.consumers[0];
  expect(epoch.chains.get(2)?.allotments.get(marketB)?.get(alice)?.losses).toEqual(report?.losses);
});

test("behavior: a late price liquidates nobody", () => {
  const status = (seconds: number) =>
    transition(makeInput(1, { ...world(seconds), ...deposit(alice, 900n) })).accounts.get(alice)?.status;
  expect(status(0)).toBe(accountStatus.liquidatable);
  expect(status(feedLimits.maxAgeSeconds + 1)).toBe(accountStatus.reduceOnly);
  expect(status(feedLimits.lastSeconds + 1)).toBe(accountStatus.reduceOnly);
});
