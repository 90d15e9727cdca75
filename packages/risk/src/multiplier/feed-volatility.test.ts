import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type FeedAnswer,
  type FeedVolatility,
  feedVolatilityE8,
  InvalidVolatilityRule,
  observeAnswer,
  squareRootUp,
  type VolatilityRule,
} from "./feed-volatility.ts";

const hour = 3600;
const rule: VolatilityRule = {
  fastHalfLifeSeconds: 24 * hour,
  slowHalfLifeSeconds: 720 * hour,
  sampleSeconds: 300,
  stressedVolatilityE8: 100_000n,
  referenceVolatilityE8: 500_000n,
};
const base = 100_000_00000000n;
const answers = fc
  .array(fc.record({ wait: fc.integer({ min: 0, max: 4 * hour }), moveBps: fc.integer({ min: -800, max: 800 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    let at = 1_700_000_000;
    let priceE8 = base;
    return steps.map(({ wait, moveBps }): FeedAnswer => {
      at += wait;
      priceE8 = (priceE8 * BigInt(10_000 + moveBps)) / 10_000n;
      return { priceE8, updatedAtSeconds: at };
    });
  });

function follow(list: readonly FeedAnswer[], state?: FeedVolatility): FeedVolatility | undefined {
  return list.reduce<FeedVolatility | undefined>((before, answer) => observeAnswer(before, answer, rule), state);
}

const at = (seconds: number, priceE8 = base): FeedAnswer => ({ priceE8, updatedAtSeconds: seconds });

test("default: hourly moves of one size become that volatility, whatever their sign", () => {
  const path = Array.from({ length: 2000 }, (_, t) => at(t * hour, t % 2 === 0 ? base : 101_000_00000000n));
  const state = follow(path);
  expect(Number(feedVolatilityE8(state, rule)) / 1e6).toBeCloseTo(1, 1);
});

test("behavior: time between answers counts, not their number", () => {
  // Half a day without a move: the fast variance halves, however often the feed says so.
  const quiet = (stepSeconds: number) =>
    follow(Array.from({ length: (24 * hour) / stepSeconds + 1 }, (_, i) => at(i * stepSeconds)))?.fastVarianceE16 ?? 0n;
  expect(Number(quiet(24 * hour)) / 500_000 ** 2).toBeCloseTo(0.5, 9);
  expect(Number(quiet(300)) / Number(quiet(24 * hour))).toBeCloseTo(1, 6);
});

test("behavior: jitter within a sample is no volatility", () => {
  const jitter = (stepSeconds: number) =>
    follow(
      Array.from({ length: (48 * hour) / stepSeconds }, (_, i) =>
        at(i * stepSeconds, base + (i % 2 === 0 ? 0n : base / 2_000n)),
      ),
    )?.fastVarianceE16 ?? 0n;
  // Every ten seconds or every five minutes: the same five basis points.
  expect(Number(jitter(10)) / Number(jitter(300))).toBeLessThan(1.1);
});

test("behavior: a spike raises it at once, and counts although it is over when the sample ends", () => {
  const start = follow([at(0), at(hour)]);
  const spike = observeAnswer(start, at(hour + 60, (base * 9n) / 10n), rule);
  expect(feedVolatilityE8(spike, rule)).toBeGreaterThan(2n * feedVolatilityE8(start, rule));
  const over = follow([at(hour + 120), at(2 * hour)], spike);
  expect(over?.excursionE8).toBe(0n);
  expect(feedVolatilityE8(over, rule)).toBeGreaterThan(2n * feedVolatilityE8(start, rule));
});

test("behavior: one more answer inside a sample never lowers what comes of it", () => {
  fc.assert(
    fc.property(
      answers,
      answers,
      fc.integer({ min: -5_000, max: 5_000 }),
      fc.integer({ min: 0, max: 299 }),
      (a, b, bps, wait) => {
        const before = follow(a);
        const started = before?.sampledAtSeconds ?? 0;
        const last = a.at(-1)?.updatedAtSeconds ?? 0;
        fc.pre(started + wait >= last);
        const offset = last - 1_700_000_000 + 300;
        const later = b.map((answer) => ({ ...answer, updatedAtSeconds: answer.updatedAtSeconds + offset }));
        const extra = { priceE8: (base * BigInt(10_000 + bps)) / 10_000n, updatedAtSeconds: started + wait };
        const without = follow(later, before);
        const withIt = follow(later, follow([extra], before));
        expect(feedVolatilityE8(withIt, rule) >= feedVolatilityE8(without, rule)).toBe(true);
      },
    ),
  );
});

test("behavior: never below the log return, the stressed floor, or what was there when nothing answers", () => {
  fc.assert(
    fc.property(answers, (list) => {
      const state = follow(list);
      expect(feedVolatilityE8(state, rule) >= rule.stressedVolatilityE8).toBe(true);
      expect((state?.fastVarianceE16 ?? -1n) >= 0n && (state?.slowVarianceE16 ?? -1n) >= 0n).toBe(true);
      expect(follow(list)).toEqual(state);
    }),
  );
});

test("behavior: answers that are not positive, or older than the sample, change nothing", () => {
  const state = follow([at(0), at(hour, base + 1n)]);
  expect(observeAnswer(state, at(2 * hour, 0n), rule)).toBe(state);
  expect(observeAnswer(state, at(hour - 1, 1n), rule)).toBe(state);
  expect(observeAnswer(undefined, at(0, -1n), rule)).toBeUndefined();
  expect(feedVolatilityE8(undefined, rule)).toBe(500_000n);
});

test("behavior: after years of silence only the last move counts", () => {
  const state = follow([at(0), at(hour, base * 2n), at(10 * 365 * 24 * hour, base * 2n)]);
  expect(state?.fastVarianceE16).toBeLessThanOrEqual(1n);
});

test("behavior: the root is the least integer whose square is no smaller", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), (value) => {
      const root = squareRootUp(value);
      expect(root * root >= value && (root === 0n || (root - 1n) ** 2n < value)).toBe(true);
    }),
  );
});

test.each([{ sampleSeconds: 0 }, { fastHalfLifeSeconds: 721 * hour }, { referenceVolatilityE8: 0n }])(
  "error: InvalidVolatilityRule for %o",
  (part) => {
    expect(() => observeAnswer(undefined, at(0), { ...rule, ...part })).toThrow(InvalidVolatilityRule);
  },
);
