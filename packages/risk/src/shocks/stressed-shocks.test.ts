import fc from "fast-check";
import { expect, test } from "vitest";
import { UnstressedUnderlying } from "../errors.ts";
import type { ScenarioSet } from "../scenarios.ts";
import { calmFeed, type FeedLimits, feedStress, InvalidFeedLimits } from "./feed-stress.ts";
import { stressedShocks } from "./stressed-shocks.ts";

const set: ScenarioSet = {
  underlyings: ["BTC", "ETH"],
  priceShocksBps: [0, 0, -1000, -1500, 1000, 0],
  volatilityShocksBps: [0, 0, 2000, -3000, 0, 0],
};
const limits: FeedLimits = {
  freshSeconds: 1800,
  reduceOnlySeconds: 3600,
  widestBps: 20_000,
  mostUncertaintyBps: 100,
};
const condition = fc.record({
  ageSeconds: fc.integer({ min: -100, max: 10_000 }),
  uncertaintyBps: fc.integer({ min: 0, max: 300 }),
});

test("default: multiplier times widening, away from zero", () => {
  const stale = feedStress({ ageSeconds: 2700, uncertaintyBps: 30 }, limits);
  expect(stale).toEqual({ widenBps: 15_000n, addBps: 30, reduceOnly: false });
  expect(stressedShocks(set, "ETH", 12_000n, stale)).toEqual({
    priceShocksBps: [0, -2730, 0],
    volatilityShocksBps: [0, -5400, 0],
  });
  expect(stressedShocks(set, "BTC", 10_000n, calmFeed)).toEqual({
    priceShocksBps: [0, -1000, 1000],
    volatilityShocksBps: [0, 2000, 0],
  });
});

test("behavior: calm makes moves smaller, but not those by which underlyings part", () => {
  expect(stressedShocks(set, "BTC", 7_000n, calmFeed)).toEqual({
    priceShocksBps: [0, -700, 1000],
    volatilityShocksBps: [0, 1400, 0],
  });
});

test("behavior: shocks widen before anything becomes reduce-only", () => {
  expect(feedStress({ ageSeconds: 1800, uncertaintyBps: 0 }, limits)).toEqual(calmFeed);
  expect(feedStress({ ageSeconds: 3600, uncertaintyBps: 100 }, limits)).toMatchObject({
    widenBps: 20_000n,
    reduceOnly: false,
  });
  expect(feedStress({ ageSeconds: 3601, uncertaintyBps: 0 }, limits).reduceOnly).toBe(true);
  expect(feedStress({ ageSeconds: 0, uncertaintyBps: 101 }, limits).reduceOnly).toBe(true);
});

test("behavior: an older or less certain price never stresses less", () => {
  fc.assert(
    fc.property(condition, fc.nat(5_000), fc.nat(200), fc.bigInt({ min: 1n, max: 50_000n }), (now, age, doubt, m) => {
      const worse = { ageSeconds: now.ageSeconds + age, uncertaintyBps: now.uncertaintyBps + doubt };
      const [before, after] = [feedStress(now, limits), feedStress(worse, limits)];
      expect(after.reduceOnly || !before.reduceOnly).toBe(true);
      const a = stressedShocks(set, "BTC", m, before).priceShocksBps;
      const b = stressedShocks(set, "BTC", m, after).priceShocksBps;
      expect(b.every((shock, row) => Math.abs(shock) >= Math.abs(a[row] ?? 0))).toBe(true);
      expect(b.map(Math.sign)).toEqual([0, -1, 1]);
      expect(b[0]).toBe(0);
    }),
  );
});

test("error: InvalidFeedLimits, UnstressedUnderlying", () => {
  const now = { ageSeconds: 0, uncertaintyBps: 0 };
  for (const part of [
    { freshSeconds: 3600 },
    { widestBps: 9_999 },
    { mostUncertaintyBps: -1 },
    { freshSeconds: 0.5 },
  ]) {
    expect(() => feedStress(now, { ...limits, ...part })).toThrow(InvalidFeedLimits);
  }
  expect(() => stressedShocks(set, "SOL", 10_000n, calmFeed)).toThrow(UnstressedUnderlying);
});
