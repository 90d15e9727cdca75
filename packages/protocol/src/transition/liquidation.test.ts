import { divDown, mulDown, mulUp } from "@plimsoll/risk/fixed-point";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  alice,
  btc,
  btcPerp,
  calmPrices,
  day,
  deep,
  deposit,
  ethPerp,
  makeInput,
  marketB,
  marketC,
  oneUsd,
  portfolio,
  usd,
  usdc,
  type World,
} from "../../test/world.ts";
import { type Allotment, accountStatus, type Epoch } from "../epoch.ts";
import type { Portfolio } from "../state.ts";
import type { AccountReport } from "./account.ts";
import { transition } from "./transition.ts";

const maintenanceBps = 6_000n;
const long = portfolio(-12_000n * oneUsd, [[btcPerp, oneUsd / 10n]]);

function run(epoch: number, world: World, earlier: readonly Epoch[] = []) {
  const result = transition(makeInput(epoch, world, earlier));
  const leaf = (eid: number, market: typeof marketB) =>
    result.epoch.chains.get(eid)?.allotments.get(market)?.get(alice) as Allotment;
  const report = result.accounts.get(alice) as AccountReport;
  return { ...result, b: leaf(2, marketB), c: leaf(3, marketC), report };
}

const at = (dollars: bigint) => new Map(calmPrices).set(btc, { priceE8: dollars * oneUsd, updatedAtSeconds: day });

/** What is left of a portfolio of which a share (8 decimals) is kept and the rest sold at the mark. */
function kept(
  held: Portfolio,
  keepE8: bigint,
  price: (id: Portfolio["positions"] extends ReadonlyMap<infer K, unknown> ? K : never) => bigint,
) {
  let { cash } = held;
  const positions = [...held.positions].map(([id, size]) => {
    const left = divDown(size * keepE8, oneUsd);
    cash += mulDown(size - left, price(id));
    return [id, left] as const;
  });
  return portfolio(cash, positions);
}

test("default: a liquidatable account may keep what maintenance and a buffer are covered for", () => {
  const world = { ...deposit(alice, 1_100n), portfolios: { b: new Map([[alice, long]]) } };
  const { b, epoch, report } = run(1, world);
  expect(b.status).toBe(accountStatus.liquidatable);
  expect(report.margin.base).toBeGreaterThan(0n);
  const keepE8 = (b.grossLimit * oneUsd) / (12_000n * oneUsd);
  const price = epoch.instruments.get(btcPerp)?.prices[0] ?? 0n;
  const after = (share: bigint) =>
    run(2, { ...world, portfolios: { b: new Map([[alice, kept(long, share, () => price)]]) } }).report.margin;
  const enough = after(keepE8);
  expect(enough.base * 100n).toBeGreaterThanOrEqual(enough.maintenanceMargin * 120n);
  const tooMuch = after(keepE8 + oneUsd / 100n);
  expect(tooMuch.base * 100n).toBeLessThan(tooMuch.maintenanceMargin * 120n);
});

test("behavior: what is free goes where the positions are, whatever its owner chose", () => {
  const weights = new Map([[alice, [{ eid: 3, consumer: marketC, weight: 1 }]]]);
  const held = { b: new Map([[alice, long]]) };
  const healthy = run(1, { ...deposit(alice, 10_000n), portfolios: held, weights });
  expect(healthy.b.losses[0]).toBe(healthy.report.consumers[0]?.losses[0]);
  const { b, c, report } = run(1, { ...deposit(alice, 1_100n), portfolios: held, weights });
  expect(b.losses[0]).toBe(
    (report.consumers[0]?.losses[0] ?? 0n) + mulDown(report.margin.base + report.concentration, 95_000_000n),
  );
  expect([...c.losses]).toEqual([0n, 0n, 0n, 0n, 0n, 0n, 0n]);
});

const bought = (cash: bigint) => portfolio(cash * oneUsd, [[btcPerp, oneUsd / 10n]]);
/** To pay with, a last digit less for the account's size. */
const worth = 1_980n * oneUsd - 1n;

test("behavior: an insolvent account may be left owing what its collateral counts for, in equal parts of what it lost", () => {
  const held = { b: new Map([[alice, bought(-15_000n)]]), c: new Map([[alice, bought(-13_000n)]]) };
  const { b, c, report } = run(1, { ...deposit(alice, 2_000n), portfolios: held });
  expect([report.status, b.status, c.status]).toEqual([3, 3, 3]);
  expect([b.grossLimit, c.grossLimit]).toEqual([0n, 0n]);
  expect(new Set(b.losses).size).toBe(1);
  // 3,012 lost at B and 1,012 at C.
  expect([b.losses[0], c.losses[0]]).toEqual([(3_012n * worth) / 4_024n, (1_012n * worth) / 4_024n]);
});

test("behavior: what it cannot pay is asked for where there is something to be closed, as far as it owes that much there", () => {
  const debt = new Map([[alice, portfolio(-1_000n * oneUsd, [])]]);
  const some = run(1, { ...deposit(alice, 2_000n), portfolios: { b: new Map([[alice, bought(-15_000n)]]), c: debt } });
  expect([some.b.losses[0], some.c.losses[0]]).toEqual([worth - 1_000n * oneUsd, 1_000n * oneUsd]);

  const little = { b: new Map([[alice, bought(-12_200n)]]), c: new Map([[alice, portfolio(-3_000n * oneUsd, [])]]) };
  const rest = run(1, { ...deposit(alice, 2_000n), portfolios: little });
  expect([rest.b.losses[0], rest.c.losses[0]]).toEqual([0n, worth]);

  const nothing = { b: debt, c: new Map([[alice, portfolio(-3_000n * oneUsd, [])]]) };
  const closed = run(1, { ...deposit(alice, 2_000n), portfolios: nothing });
  expect([closed.b.losses[0], closed.c.losses[0]]).toEqual([worth / 4n, (3n * worth) / 4n]);
});

test("behavior: closed in one epoch after another, it is left owing no more than in one", () => {
  const [b, c] = [bought(-15_000n), bought(-13_000n)];
  const world = deposit(alice, 2_000n);
  const first = run(1, { ...world, portfolios: { b: new Map([[alice, b]]), c: new Map([[alice, c]]) } });
  const closedB = new Map([[alice, portfolio(-(first.b.losses[0] ?? 0n), [])]]);
  const second = run(2, { ...world, portfolios: { b: closedB, c: new Map([[alice, c]]) } });
  expect(second.c.status).toBe(accountStatus.insolvent);
  expect(second.b.losses[0]).toBe(first.b.losses[0]);
  const closedC = new Map([[alice, portfolio(-(second.c.losses[0] ?? 0n), [])]]);
  const third = run(3, { ...world, portfolios: { b: closedB, c: closedC } });
  expect(third.report.status).not.toBe(accountStatus.insolvent);
  expect(third.report.margin.base).toBeGreaterThanOrEqual(0n);
});

test("behavior: what an insolvent account gained somewhere has to stay there", () => {
  const held = { b: new Map([[alice, long]]), c: new Map([[alice, portfolio(500n * oneUsd, [])]]) };
  const { b, c, report } = run(1, { ...deposit(alice, 1_000n), portfolios: held, prices: at(100_000n) });
  expect(report.status).toBe(accountStatus.insolvent);
  expect(c.losses[0]).toBe(-500n * oneUsd);
  expect(b.losses[0]).toBe((990n + 500n) * oneUsd - 1n);
});

test("behavior: the charge for large positions makes nobody insolvent, and is let go where they are sold", () => {
  const underlyings = makeInput(1, {}).state.hub.risk.underlyings;
  const risk = {
    underlyings: new Map([...underlyings].map(([id, one]) => [id, { ...one, depthE8: 100_000n * oneUsd }])),
  };
  const { b, report } = run(1, { ...deposit(alice, 1_200n), portfolios: { b: new Map([[alice, long]]) }, risk });
  expect(report.concentration).toBeGreaterThan(1_176n * oneUsd);
  expect(report.margin.base).toBeLessThan(0n);
  expect(report.status).toBe(accountStatus.liquidatable);
  expect(b.losses[0]).toBeGreaterThan(1_000n * oneUsd);
});

test("behavior: later epochs reckon with what an insolvent account may have been left owing", () => {
  const held = { b: new Map([[alice, long]]) };
  const first = run(1, { ...deposit(alice, 1_000n), portfolios: held, prices: at(100_000n) });
  expect(first.b.status).toBe(accountStatus.insolvent);
  const posted = { ...deposit(alice, 1_000n), posted: { a: 1, b: 1, c: 1 } };
  const back = run(2, { ...posted, portfolios: held }, [first.epoch]);
  for (const reserved of back.report.consumers[0]?.reserved ?? []) {
    expect(reserved).toBeGreaterThanOrEqual(first.b.losses[0] ?? 0n);
  }
  const sold = run(3, { ...posted, portfolios: { b: new Map([[alice, portfolio(-(first.b.losses[0] ?? 0n), [])]]) } }, [
    first.epoch,
  ]);
  expect(sold.report.margin.base).toBeGreaterThanOrEqual(0n);
});

test("behavior: whatever is held, targets and debts are within bounds", () => {
  const size = fc.bigInt({ min: -50n, max: 50n });
  const cash = fc.bigInt({ min: -20_000n, max: 20_000n });
  const book = fc.record({ cash, bitcoin: size, ether: size });
  const seen = new Set<number>();
  fc.assert(
    fc.property(book, book, fc.bigInt({ min: 0n, max: 20_000n }), (inB, inC, dollars) => {
      const held = [inB, inC].map((one) =>
        portfolio(one.cash * oneUsd - (one.bitcoin * 120_000n + one.ether * 43_00n) * (oneUsd / 100n), [
          [btcPerp, (one.bitcoin * oneUsd) / 100n],
          [ethPerp, (one.ether * oneUsd) / 100n],
        ]),
      ) as [Portfolio, Portfolio];
      const world = {
        ...deposit(alice, dollars),
        portfolios: { b: new Map([[alice, held[0]]]), c: new Map([[alice, held[1]]]) },
      };
      const { b, c, epoch, report } = run(1, world);
      seen.add(report.status);
      if (report.status === accountStatus.insolvent) {
        const collateral =
          (report.values[0] ?? 0n) +
          report.concentration +
          report.consumers.reduce((sum, { losses }) => sum + (losses[0] ?? 0n), 0n);
        expect((b.losses[0] ?? 0n) + (c.losses[0] ?? 0n)).toBeLessThanOrEqual(collateral);
        for (const [k, leaf] of [b, c].entries())
          expect(leaf.losses[0]).toBeLessThanOrEqual(report.consumers[k]?.losses[0] ?? 0n);
      }
      if (report.status !== accountStatus.liquidatable) return;
      const price = (id: typeof btcPerp) => epoch.instruments.get(id)?.prices[0] ?? 0n;
      const gross = held.map(({ positions }) =>
        [...positions].reduce((sum, [id, amount]) => {
          return sum + mulUp(amount < 0n ? -amount : amount, epoch.instruments.get(id)?.notional ?? 0n);
        }, 0n),
      );
      const all = gross.reduce((sum, one) => sum + one, 0n);
      if (all === 0n) return;
      const keepE8 = ((b.grossLimit + c.grossLimit) * oneUsd) / all;
      if (keepE8 === 0n) return;
      const [left, right] = held.map((one) => kept(one, keepE8 - 1_000n, price));
      const after = run(2, {
        ...world,
        portfolios: { b: new Map([[alice, left as Portfolio]]), c: new Map([[alice, right as Portfolio]]) },
      });
      const { base, worst } = after.report.margin;
      // In every scenario that the positions fall in; the collateral here falls by itself in none of them.
      expect(base * 10_000n * 100n).toBeGreaterThanOrEqual(
        (base - worst) * maintenanceBps * 120n - (oneUsd * 10n ** 6n) / 100n,
      );
    }),
    { numRuns: 300 },
  );
  expect([...seen].sort()).toEqual([0, 1, 2, 3]);
});

test("behavior: what may be tightened at once can liquidate, and a haircut forgive what is owed", () => {
  const bought = portfolio(-12_500n * oneUsd, [[btcPerp, oneUsd / 10n]]);
  const world = { ...deposit(alice, 10_000n), portfolios: { b: new Map([[alice, bought]]) } };
  expect(run(1, world).b.status).toBe(accountStatus.active);
  const usdcAt = (haircutBps: number) => ({
    assets: new Map([[`1:${usdc}` as const, { underlying: usd, haircutBps, decimals: 6, depthE8: deep }]]),
  });
  expect(run(1, { ...world, risk: usdcAt(8_000) }).b.status).toBe(accountStatus.reduceOnly);
  expect(run(1, { ...world, risk: usdcAt(9_000) }).b.status).toBe(accountStatus.liquidatable);
  // It owes 500 at the mark, and has 10,000 in the vault. The backstop, or those on the other side, pay all of it.
  const { b } = run(1, { ...world, risk: usdcAt(10_000) });
  expect(b.status).toBe(accountStatus.insolvent);
  expect([...b.losses]).toEqual(new Array(7).fill(0n));
});
