import type { Address } from "viem";
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
  makeInput,
  marketB,
  marketC,
  oneUsd,
  portfolio,
  type World,
} from "../../test/world.ts";
import { makeAccountId } from "../account.ts";
import type { AccountId } from "../ids.ts";
import type { Portfolio } from "../state.ts";
import { transition } from "./transition.ts";

/** Bought at 120,000, and now at 100,000: 2,000 lost. */
const fallen = new Map(calmPrices).set(btc, { priceE8: 100_000n * oneUsd, updatedAtSeconds: day });
const lost = portfolio(-12_000n * oneUsd, [[btcPerp, oneUsd / 10n]]);
const sold = (price: bigint, size: bigint) => portfolio((price * size) / oneUsd, [[btcPerp, -size]]);
const numbered = (n: number) => makeAccountId(`0x${(n + 1).toString(16).padStart(40, "0")}`);

function queueOf(world: World, account: AccountId = alice, market: Address = marketB, eid = 2) {
  const { epoch } = transition(makeInput(1, { prices: fallen, ...deposit(alice, 1_000n), ...world }));
  return epoch.chains.get(eid)?.deleverageQueues.get(market)?.get(account);
}

test("default: who holds the other side, the most profitable first, equal ones by account", () => {
  const b = new Map([
    [alice, lost],
    [numbered(4), sold(110_000n * oneUsd, oneUsd / 20n)],
    [numbered(3), sold(110_000n * oneUsd, oneUsd / 20n)],
    [numbered(2), sold(120_000n * oneUsd, oneUsd / 20n)],
    [bob, portfolio(0n, [[btcPerp, oneUsd]])],
    [numbered(9), portfolio(10n ** 12n, [[ethPerp, -oneUsd]])],
  ]);
  const c = new Map([[numbered(5), sold(130_000n * oneUsd, oneUsd)]]);
  expect(queueOf({ portfolios: { b, c } })).toEqual([numbered(2), numbered(3), numbered(4)]);
});

test("behavior: profit is of the whole book, and one queue serves all instruments", () => {
  const spread = portfolio(-20_000n * oneUsd, [
    [btcPerp, oneUsd / 10n],
    [ethPerp, -oneUsd],
  ]);
  const etherLong = portfolio(-4_000n * oneUsd, [[ethPerp, oneUsd]]);
  const b = new Map([
    [alice, spread],
    [bob, etherLong],
    [numbered(1), sold(120_000n * oneUsd, oneUsd / 20n)],
    [numbered(2), { ...sold(120_000n * oneUsd, oneUsd / 20n), cash: 5_299n * oneUsd }],
  ]);
  expect(queueOf({ portfolios: { b } })).toEqual([numbered(1), bob, numbered(2)]);
});

test("behavior: nobody else has a queue, and without anybody insolvent there is none", () => {
  const b = new Map([
    [alice, lost],
    [bob, sold(120_000n * oneUsd, oneUsd / 10n)],
  ]);
  expect(queueOf({ portfolios: { b } }, bob)).toBeUndefined();
  expect(queueOf({ portfolios: { b } }, alice, marketC, 3)).toBeUndefined();
  expect(queueOf({ portfolios: { b: new Map([[alice, lost]]) } })).toBeUndefined();
  expect(queueOf({ portfolios: { b }, ...deposit(alice, 10_000n) })).toBeUndefined();
});

test("behavior: at most 32 for an instrument, and no place is taken by who cannot give up its hedge", () => {
  const hedge = portfolio(-12_000n * oneUsd, [[btcPerp, oneUsd / 10n]]);
  const hedgers = Array.from({ length: 10 }, (_, n) => numbered(n));
  const others = Array.from({ length: 30 }, (_, n) => numbered(100 + n));
  const b = new Map<AccountId, Portfolio>([[alice, lost]]);
  const c = new Map<AccountId, Portfolio>();
  for (const account of hedgers) {
    b.set(account, sold(121_000n * oneUsd, oneUsd / 10n));
    c.set(account, hedge);
  }
  for (const account of others) b.set(account, sold(110_000n * oneUsd, oneUsd / 10n));
  expect(queueOf({ portfolios: { b, c } })).toEqual([...hedgers.slice(0, 2), ...others]);
  for (let n = 0; n < 10; n++) b.set(numbered(200 + n), sold(105_000n * oneUsd, oneUsd / 10n));
  expect(queueOf({ portfolios: { b, c } })).toEqual([...others, numbered(200), numbered(201)]);
});
