import { expect, test } from "vitest";
import { btcPerp, ethPerp, oneUsd, portfolio } from "../test/world.ts";
import { type CheckedAgainst, checkPortfolioChange } from "./consumer-check.ts";
import { accountStatus, type InstrumentPrices, instrumentStatus } from "./epoch.ts";
import { NoSuchLeaf } from "./errors.ts";

const price = 100n * oneUsd;
const btc: InstrumentPrices = {
  status: instrumentStatus.active,
  mark: price,
  notional: price,
  charge: 0n,
  settlement: 0n,
  funding: 0n,
  stressBps: 10_000,
  prices: BigInt64Array.of(price, 80n * oneUsd, 120n * oneUsd),
};
const against: CheckedAgainst = {
  epoch: 3,
  instruments: new Map([[btcPerp, btc]]),
  allotment: {
    status: accountStatus.active,
    grossLimit: 1_000n * oneUsd,
    losses: BigInt64Array.of(0n, 40n * oneUsd, 0n),
  },
  scenarios: 3,
};
const flat = portfolio(0n, []);
const longTwo = portfolio(-200n * oneUsd, [[btcPerp, 2n * oneUsd]]);

test("default: a long within its allotment", () => {
  expect(checkPortfolioChange(flat, longTwo, against)).toEqual({ allowed: true });
});

test("behavior: beyond it, with scenario and excess rounded up", () => {
  const more = portfolio(-200n * oneUsd - 1n, [[btcPerp, 2n * oneUsd]]);
  expect(checkPortfolioChange(flat, more, against)).toEqual({
    allowed: false,
    reason: "allotment-exceeded",
    scenario: 0,
    excess: 1n,
  });
});

test("behavior: a short is refused where the allotment has no room in the rise", () => {
  const short = portfolio(100n * oneUsd, [[btcPerp, -oneUsd]]);
  expect(checkPortfolioChange(flat, short, against)).toMatchObject({ reason: "allotment-exceeded", scenario: 2 });
});

test("behavior: what lowers no value is allowed beyond the allotment", () => {
  const deep = portfolio(-500n * oneUsd, [[btcPerp, 2n * oneUsd]]);
  expect(checkPortfolioChange(deep, { ...deep, cash: deep.cash + 1n }, against).allowed).toBe(true);
});

test("behavior: without a leaf only reductions", () => {
  const verdict = checkPortfolioChange(flat, longTwo, { ...against, allotment: null });
  expect(verdict).toEqual({ allowed: false, reason: "only-reductions-allowed", scenario: 1 });
});

test("behavior: an insolvent account's leaf allots nothing to its owner, and a sale of any part to whoever takes it", () => {
  const losses = BigInt64Array.of(30n * oneUsd, 30n * oneUsd, 30n * oneUsd);
  const insolvent = { ...against, allotment: { status: accountStatus.insolvent, grossLimit: 0n, losses } };
  const lost = portfolio(-250n * oneUsd, [[btcPerp, 2n * oneUsd]]);
  const sold = portfolio(-140n * oneUsd, [[btcPerp, oneUsd]]);
  const verdict = checkPortfolioChange(lost, sold, insolvent);
  expect(verdict).toMatchObject({ reason: "only-reductions-allowed", scenario: 2 });
  expect(checkPortfolioChange(lost, sold, { ...insolvent, seized: true }).allowed).toBe(true);
  const better = portfolio(-200n * oneUsd, [[btcPerp, 2n * oneUsd]]);
  expect(checkPortfolioChange(lost, better, insolvent).allowed).toBe(true);
});

test("behavior: the gross limit holds unless gross shrinks", () => {
  const losses = BigInt64Array.of(0n, 1_000n * oneUsd, 1_000n * oneUsd);
  const wide = { ...against, allotment: { status: accountStatus.active, grossLimit: 150n * oneUsd, losses } };
  const verdict = checkPortfolioChange(flat, longTwo, wide);
  expect(verdict).toEqual({
    allowed: false,
    reason: "gross-limit-exceeded",
    gross: 200n * oneUsd,
    grossLimit: 150n * oneUsd,
  });
  const half = portfolio(-100n * oneUsd, [[btcPerp, oneUsd]]);
  expect(
    checkPortfolioChange(longTwo, half, { ...wide, allotment: { ...wide.allotment, grossLimit: 0n } }).allowed,
  ).toBe(true);
});

test("behavior: in what is reduce-only or settled a position only shrinks", () => {
  const longOne = portfolio(-100n * oneUsd, [[btcPerp, oneUsd]]);
  const shortOne = portfolio(100n * oneUsd, [[btcPerp, -oneUsd]]);
  const losses = BigInt64Array.of(1_000n * oneUsd, 1_000n * oneUsd, 1_000n * oneUsd);
  const allotment = { status: accountStatus.active, grossLimit: 1_000n * oneUsd, losses };
  for (const status of [instrumentStatus.reduceOnly, instrumentStatus.settled]) {
    const frozen = { ...against, allotment, instruments: new Map([[btcPerp, { ...btc, status }]]) };
    const refused = { allowed: false, reason: "instrument-reduce-only", instrument: btcPerp };
    expect(checkPortfolioChange(flat, longOne, frozen)).toEqual(refused);
    expect(checkPortfolioChange(longOne, longTwo, frozen)).toEqual(refused);
    expect(checkPortfolioChange(longOne, shortOne, frozen)).toEqual(refused);
    expect(checkPortfolioChange(longTwo, longOne, frozen).allowed).toBe(true);
    expect(checkPortfolioChange(shortOne, flat, frozen).allowed).toBe(true);
    expect(checkPortfolioChange(longOne, { ...longOne, cash: longOne.cash - 1n }, frozen).allowed).toBe(true);
  }
});

test("error: NoSuchLeaf for an instrument held without a leaf", () => {
  expect(() => checkPortfolioChange(portfolio(0n, [[ethPerp, 1n]]), flat, against)).toThrow(NoSuchLeaf);
});
