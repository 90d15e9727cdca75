import fc from "fast-check";
import { expect, test } from "vitest";
import { type FeedVolatility, InvalidVolatilityRule, observeAnswer } from "./feed-volatility.ts";
import { type MultiplierPolicy, nextMultiplierBps, validateMultiplierPolicy } from "./margin-multiplier.ts";

const policy: MultiplierPolicy = {
  fastHalfLifeSeconds: 86_400,
  slowHalfLifeSeconds: 2_592_000,
  sampleSeconds: 3_600,
  stressedVolatilityE8: 300_000n,
  referenceVolatilityE8: 500_000n,
  floorBps: 7_000n,
  capBps: 40_000n,
  mostUpBps: 10_000n,
  mostDownBps: 25n,
};
const base = 100_000_00000000n;
const excursions = fc.array(fc.integer({ min: -2000, max: 2000 }), { minLength: 1, maxLength: 60 });

/** An epoch an hour from 0 on; half an hour before each the price is for a moment so many basis points away. */
function follow(movesBps: readonly number[], start = 10_000n): bigint[] {
  let state: FeedVolatility | undefined;
  let multiplier = start;
  return movesBps.map((move, hour) => {
    const answers = [
      [hour * 3600 - 1800, move],
      [hour * 3600, 0],
    ] as const;
    for (const [seconds, bps] of answers.slice(hour === 0 ? 1 : 0)) {
      const priceE8 = (base * BigInt(10_000 + bps)) / 10_000n;
      state = observeAnswer(state, { priceE8, updatedAtSeconds: seconds }, policy);
    }
    multiplier = nextMultiplierBps(multiplier, state, policy);
    return multiplier;
  });
}

test("default: up at once, by the largest step where it must, and down slowly", () => {
  const path = follow([0, 0, 1000, 0, 0, 0]);
  // A move of 10 %, twenty times the reference: the fast volatility is 1.76 %, 3.5 times the reference.
  expect(path[2]).toBe((path[1] ?? 0n) + policy.mostUpBps);
  expect(path[3]).toBe((path[2] ?? 0n) + policy.mostUpBps);
  expect(path[4]).toBeGreaterThan(path[3] ?? 0n);
  expect(path[5]).toBe((path[4] ?? 0n) - policy.mostDownBps);
  const down = follow([0, 300, 0, 0, 0, 0]).slice(1);
  expect(down.slice(1).map((multiplier, index) => (down[index] ?? 0n) - multiplier)).toEqual([25n, 25n, 25n, 25n]);
});

test("behavior: within floor and cap, and no step larger than registered", () => {
  fc.assert(
    fc.property(excursions, fc.bigInt({ min: 0n, max: 100_000n }), (moves, start) => {
      let before = start < policy.floorBps ? policy.floorBps : start > policy.capBps ? policy.capBps : start;
      for (const multiplier of follow(moves, start)) {
        expect(multiplier >= policy.floorBps && multiplier <= policy.capBps).toBe(true);
        expect(multiplier - before <= policy.mostUpBps && before - multiplier <= policy.mostDownBps).toBe(true);
        before = multiplier;
      }
    }),
  );
});

test("behavior: moves that are larger never give a smaller multiplier", () => {
  fc.assert(
    fc.property(excursions, fc.integer({ min: 1, max: 4 }), fc.nat(), (moves, factor, which) => {
      const path = follow(moves);
      const larger = follow(moves.map((move, index) => (index === which % moves.length ? move * factor : move)));
      expect(larger.every((multiplier, index) => multiplier >= (path[index] ?? 0n))).toBe(true);
      expect(follow(moves)).toEqual(path);
    }),
  );
});

test("behavior: after a quiet time it is back at what the floors leave", () => {
  expect(follow(new Array<number>(5000).fill(0)).at(-1)).toBe(7_000n);
});

test.each([{ floorBps: 0n }, { capBps: 9_999n }, { mostUpBps: 0n }, { mostDownBps: 0n }])(
  "error: InvalidVolatilityRule for %o",
  (part) => {
    expect(() => validateMultiplierPolicy({ ...policy, ...part })).toThrow(InvalidVolatilityRule);
    expect(validateMultiplierPolicy(policy)).toBeUndefined();
  },
);
