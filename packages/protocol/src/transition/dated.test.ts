import { expect, test } from "vitest";
import {
  alice,
  btc,
  btcPerp,
  calmPrices,
  day,
  deposit,
  makeInput,
  marketB,
  noDatedCharges,
  oneUsd,
  portfolio,
  type World,
} from "../../test/world.ts";
import { nameToId } from "../account.ts";
import { type Epoch, instrumentStatus } from "../epoch.ts";
import { settlementWindowSeconds } from "../settlement.ts";
import type { ExpiryAverage, ExpiryTerms, Instrument } from "../state.ts";
import { transition } from "./transition.ts";

const month = day + 30 * 86_400;
const [future, call, put] = ["BTC-F", "BTC-C", "BTC-P"].map(nameToId) as [`0x${string}`, `0x${string}`, `0x${string}`];
const unit: Instrument = {
  kind: "future",
  underlying: btc,
  multiplierE8: oneUsd,
  strikeE8: 0n,
  expirySeconds: month,
  chargeBps: 0,
  ...noDatedCharges,
};
const instruments = new Map<`0x${string}`, Instrument>([
  [future, unit],
  [call, { ...unit, kind: "call", strikeE8: 130_000n * oneUsd }],
  [put, { ...unit, kind: "put", strikeE8: 110_000n * oneUsd }],
]);
const terms: ExpiryTerms = {
  basisRateE8: 5_000_000n,
  discountRateE8: 0n,
  atTheMoneyE8: 50_000_000n,
  skewE8: -50_000_000n,
  curvatureE8: 300_000_000n,
  setAtSeconds: day,
};
const withTerms = (...list: readonly (readonly [number, ExpiryTerms])[]): World => ({
  instruments,
  risk: { expiries: new Map([[btc, new Map(list)]]) },
});
const world = withTerms([month, terms]);
/** At another time, with a fresh feed. */
const at = (timestampSeconds: number, average?: ExpiryAverage): World => ({
  ...world,
  timestampSeconds,
  prices: new Map([...calmPrices].map(([id, { priceE8 }]) => [id, { priceE8, updatedAtSeconds: timestampSeconds }])),
  averages: average ? new Map([[btc, new Map([[month, average]])]]) : new Map(),
});
const run = (given: World, earlier: readonly Epoch[] = [], number = 1) => transition(makeInput(number, given, earlier));
const settledAt = (dollars: bigint): ExpiryAverage => ({
  priceSecondsE8: 0n,
  seconds: 0,
  settlementE8: dollars * oneUsd,
});
const holder = new Map([
  [
    alice,
    portfolio(0n, [
      [future, oneUsd],
      [call, oneUsd],
      [put, -oneUsd],
    ]),
  ],
]);

test("default: futures by their basis, options by their smile, all with a leaf", () => {
  const { instruments: leaves } = run(world).epoch;
  const marks = [future, call, put].map((id) => Number((leaves.get(id)?.mark ?? 0n) / oneUsd));
  // 120,000 * e^(0.05 * 30 / 365), and Black's formula at 50 % or so.
  expect(marks[0]).toBe(120_494);
  expect(marks[1]).toBeGreaterThan(3_000);
  expect(marks[1]).toBeLessThan(4_500);
  expect(marks[2]).toBeGreaterThan(2_000);
  expect(leaves.get(call)).toMatchObject({ status: instrumentStatus.active, notional: 120_000n * oneUsd });
  // A call gains what its row says and a put loses it: rows 1 to 4 are 15 % up, and down.
  const prices = leaves.get(call)?.prices ?? new BigInt64Array(7);
  expect((prices[1] ?? 0n) > (prices[0] ?? 0n) && (prices[2] ?? 0n) < (prices[0] ?? 0n)).toBe(true);
});

test("behavior: a call against the future needs less than either alone", () => {
  const margin = (positions: readonly (readonly [`0x${string}`, bigint])[]) =>
    run({
      ...world,
      ...deposit(alice, 100_000n),
      portfolios: { b: new Map([[alice, portfolio(0n, positions)]]) },
    }).accounts.get(alice)?.margin.initialMargin ?? 0n;
  const covered = margin([
    [future, oneUsd],
    [call, -oneUsd],
  ]);
  expect(covered < margin([[future, oneUsd]])).toBe(true);
});

test("behavior: until the settlement is final an expired instrument may only shrink, at what it would settle at", () => {
  const average = { priceSecondsE8: 125_000n * oneUsd * 1_800n, seconds: settlementWindowSeconds, settlementE8: null };
  const { instruments: leaves } = run(at(month + 30, average)).epoch;
  expect(leaves.get(future)).toMatchObject({ status: instrumentStatus.reduceOnly, mark: 125_000n * oneUsd });
  expect(leaves.get(call)?.mark).toBe(0n);
  expect(leaves.get(btcPerp)?.status).toBe(instrumentStatus.active);
});

test("behavior: inside the window what has passed is fixed, so that nothing jumps at the expiry", () => {
  // Twenty of thirty minutes at 90,000; the index is 120,000 now.
  const average = { priceSecondsE8: 90_000n * oneUsd * 1_200n, seconds: 1_200, settlementE8: null };
  const { instruments: leaves } = run(at(month - 600, average)).epoch;
  const mark = leaves.get(future)?.mark ?? 0n;
  expect(mark / oneUsd).toBe(100_000n);
});

test("behavior: settled, everything is worth the same in every scenario, and an option may settle at nothing", () => {
  const given = { ...at(month + 61, settledAt(125_000n)), ...deposit(alice, 10_000n), portfolios: { b: holder } };
  const { epoch, accounts } = run(given);
  const rows = (dollars: bigint) => new BigInt64Array(7).fill(dollars * oneUsd);
  expect(epoch.instruments.get(future)).toMatchObject({
    ...{ status: instrumentStatus.settled, settlement: 125_000n * oneUsd, charge: 0n, prices: rows(125_000n) },
  });
  expect(epoch.instruments.get(call)).toMatchObject({ status: instrumentStatus.settled, settlement: 0n });
  expect(epoch.instruments.get(put)?.prices).toEqual(rows(0n));
  expect(accounts.get(alice)?.margin.initialMargin).toBe(0n);
  const put2 = run({ ...given, ...at(month + 61, settledAt(100_000n)) }).epoch.instruments.get(put);
  expect(put2?.settlement).toBe(10_000n * oneUsd);
});

test("behavior: a settled instrument keeps its leaf for as long as anybody holds it, whatever its feed does", () => {
  const silent = { ...at(month + 61, settledAt(125_000n)), prices: calmPrices };
  expect(run({ ...silent, portfolios: { b: holder } }).epoch.instruments.get(call)?.settlement).toBe(0n);
  expect(run(silent).epoch.instruments.has(call)).toBe(false);
  expect(run(silent).prices.has(call)).toBe(true);
});

test("behavior: an expiry concerns those who hold what expires, and nobody else's allotment", () => {
  const funded = deposit(alice, 100_000n);
  const perp = new Map([[alice, portfolio(-12_000n * oneUsd, [[btcPerp, oneUsd / 10n]])]]);
  const first = run({ ...at(month + 5), ...funded, portfolios: { b: perp } }).epoch;
  const second = run(
    { ...at(month + 61, settledAt(90_000n)), ...funded, portfolios: { b: perp }, posted: { a: 1, b: 1, c: 1 } },
    [first],
    2,
  );
  const [before, after] = [first, second.epoch].map((epoch) =>
    epoch.chains.get(2)?.allotments.get(marketB)?.get(alice),
  );
  // The future fell by a quarter between the two, which somebody with it could have lost; it could not be bought any more.
  expect(after).toBe(before);
  expect(second.accounts.get(alice)?.consumers[0]?.reserved).toEqual(before?.losses);
});

test("behavior: options of a smile that can be traded against another are reduce-only, futures are not", () => {
  const later = month + 30 * 86_400;
  const crossing = { ...terms, atTheMoneyE8: 20_000_000n, setAtSeconds: day + 10 };
  const statuses = (given: World) => {
    const { instruments: leaves } = run(given).epoch;
    return [future, call, put].map((id) => leaves.get(id)?.status);
  };
  const { active, reduceOnly } = instrumentStatus;
  // The later expiry was registered later: it refuses itself.
  expect(statuses(withTerms([month, terms], [later, crossing]))).toEqual([active, active, active]);
  // The other way round it is ours that does not fit what was there before.
  const ours = { ...terms, setAtSeconds: day + 10 };
  const before = { ...crossing, setAtSeconds: day };
  expect(statuses(withTerms([month, ours], [later, before]))).toEqual([active, reduceOnly, reduceOnly]);
});

test("behavior: what cannot be priced has no leaf and stops nothing", () => {
  const { epoch } = run({ instruments });
  expect([...epoch.instruments.keys()].includes(future)).toBe(false);
  expect(epoch.instruments.has(btcPerp)).toBe(true);
});
