import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type MultiplierPolicy,
  nextMultiplierBps,
  observePrice,
  scaleShockBps,
  squareRootUp,
  type VolatilityState,
} from "./margin-multiplier.ts";

const policy: MultiplierPolicy = {
  fastWeightE8: 97_153_194n,
  slowWeightE8: 99_903_777n,
  stressedVolatilityE8: 300_000n,
  referenceVolatilityE8: 500_000n,
  floorBps: 7_000n,
  capBps: 40_000n,
  mostUpBps: 10_000n,
  mostDownBps: 25n,
};
const calm: VolatilityState = { fastVarianceE16: 500_000n ** 2n, slowVarianceE16: 500_000n ** 2n };
const returns = fc.array(fc.integer({ min: -2000, max: 2000 }), { maxLength: 60 });

function follow(movesBps: readonly number[], start = 10_000n): bigint[] {
  let state = calm;
  let multiplier = start;
  return movesBps.map((move) => {
    state = observePrice(state, 100_000_00000000n, 100_000_00000000n + BigInt(move) * 10_00000000n, policy);
    multiplier = nextMultiplierBps(multiplier, state, policy);
    return multiplier;
  });
}

test("default: up at once, by the largest step where it must, and down slowly", () => {
  const path = follow([0, 1000, 0, 0, 0]);
  // A move of 10 %, twenty times the reference: the fast volatility is 1.76 %, 3.5 times the reference.
  expect(path[1]).toBe((path[0] ?? 0n) + policy.mostUpBps);
  expect(path[2]).toBe((path[1] ?? 0n) + policy.mostUpBps);
  expect(path[3]).toBeGreaterThan(path[2] ?? 0n);
  expect(path[4]).toBe((path[3] ?? 0n) - policy.mostDownBps);
  const down = follow([300, 0, 0, 0, 0]);
  expect(down.slice(1).map((multiplier, index) => (down[index] ?? 0n) - multiplier)).toEqual([25n, 25n, 25n, 25n]);
});

test("behavior: within floor and cap, and no step larger than registered", () => {
  fc.assert(
    fc.property(returns, fc.bigInt({ min: 0n, max: 100_000n }), (moves, start) => {
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
    fc.property(returns, fc.integer({ min: 1, max: 5 }), fc.nat(), (moves, factor, which) => {
      const path = follow(moves);
      const larger = follow(moves.map((move, index) => (index === which % moves.length ? move * factor : move)));
      expect(larger.every((multiplier, index) => multiplier >= (path[index] ?? 0n))).toBe(true);
      expect(follow(moves)).toEqual(path);
      expect(follow(moves.map((move) => -move))).toEqual(path);
    }),
  );
});

test("behavior: after a quiet time it is back at what the floors leave", () => {
  const quiet = follow(new Array<number>(5000).fill(0));
  expect(quiet.at(-1)).toBe(7_000n);
});

test("behavior: the root is the least integer whose square is no smaller", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), (value) => {
      const root = squareRootUp(value);
      expect(root * root >= value && (root === 0n || (root - 1n) ** 2n < value)).toBe(true);
    }),
  );
});

test("behavior: shocks are scaled away from zero", () => {
  expect([scaleShockBps(-1001, 15_000n), scaleShockBps(1001, 15_000n), scaleShockBps(0, 15_000n)]).toEqual([
    -1502, 1502, 0,
  ]);
  expect(scaleShockBps(-6000, 20_000n)).toBe(-9_999);
});
