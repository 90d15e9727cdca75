import { oneE8 } from "@plimsoll/risk/fixed-point";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type IsolatedPosition, isolate, type Market, stepIsolated } from "./isolated.ts";

const usd = (dollars: number) => BigInt(Math.round(dollars * 100)) * (oneE8 / 100n);
const terms = { maintenanceBps: 7_000, bufferBps: 2_000, discountBps: 20 };

/** A coin at so many dollars, stressed by a quarter either way. */
const at = (dollars: number): Market =>
  new Map([
    ["COIN", { notional: usd(dollars), charge: 0n, prices: [usd(dollars), usd(dollars * 0.75), usd(dollars * 1.25)] }],
  ]);
const long: IsolatedPosition = { account: 1, instrument: "COIN", size: oneE8, equity: usd(25) };

test("default: collateral is divided by need; what lacks is put in", () => {
  const two = new Map([
    ...at(100),
    ["OTHER", { notional: usd(100), charge: 0n, prices: [usd(100), usd(50), usd(100)] }],
  ]);
  const sizes = ["COIN", "OTHER"].map((instrument) => ({ instrument, size: oneE8 }));
  const rich = isolate(1, usd(150), sizes, two);
  expect(rich.positions.map(({ equity }) => equity)).toEqual([usd(50), usd(100)]);
  expect(rich.added).toBe(0n);
  const poor = isolate(1, usd(60), sizes, two);
  expect(poor.positions.map(({ equity }) => equity)).toEqual([usd(25), usd(50)]);
  expect(poor.added).toBe(usd(15));
});

test("behavior: above maintenance nothing is sold", () => {
  const { sold, position } = stepIsolated(long, at(100), at(95), terms);
  expect([sold, position.size, position.equity]).toEqual(["none", oneE8, usd(20)]);
});

test("behavior: below it, a part is, so that the rest is covered with the buffer", () => {
  const { sold, position, discount, deficit } = stepIsolated(long, at(100), at(85), terms);
  expect([sold, deficit]).toEqual(["part", 0n]);
  // 10 dollars cover 10 / (85 * 0.25 * 0.7 * 1.2) of it.
  expect(Number(position.size) / 1e8).toBeCloseTo(10 / (85 * 0.25 * 0.84), 6);
  expect(Number(discount) / 1e8).toBeCloseTo((1 - 10 / (85 * 0.25 * 0.84)) * 85 * 0.002, 5);
  expect(position.equity).toBe(usd(10) - discount);
});

test("behavior: what has lost more than its margin is closed, and owes the rest", () => {
  const { sold, position, deficit } = stepIsolated(long, at(100), at(70), terms);
  expect([sold, position.size, position.equity, deficit]).toEqual(["whole", 0n, 0n, usd(5)]);
  expect(stepIsolated(position, at(70), at(100), terms)).toMatchObject({ sold: "none", deficit: 0n });
});

test("behavior: nothing is made or lost but by prices and discounts", () => {
  const price = fc.integer({ min: 50, max: 150 });
  fc.assert(
    fc.property(price, price, fc.integer({ min: -3, max: 3 }), (before, now, units) => {
      const position = { ...long, size: BigInt(units) * oneE8 };
      const step = stepIsolated(position, at(before), at(now), terms);
      const moved = usd(units * (now - before));
      expect(step.position.equity - step.deficit + step.discount).toBe(long.equity + moved);
    }),
  );
});
