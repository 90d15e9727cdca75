import fc from "fast-check";
import { expect, test } from "vitest";
import { averageAtExpiry, settlementDelaySeconds, settlementWindowSeconds } from "./settlement.ts";

const expiry = 1_000_000;
const start = expiry - settlementWindowSeconds;
const late = expiry + settlementDelaySeconds + 1;

test("default: the average of the window, weighted by how long each answer held", () => {
  const answers = [
    { priceE8: 100n, atSeconds: start - 5_000 },
    { priceE8: 200n, atSeconds: start + 600 },
    { priceE8: 400n, atSeconds: expiry - 300 },
  ];
  // 600 s at 100, 900 s at 200, 300 s at 400.
  expect(averageAtExpiry(answers, undefined, expiry, late).settlementE8).toBe(200n);
  expect(averageAtExpiry(answers, undefined, expiry, late - 1).settlementE8).toBeNull();
});

test("behavior: an answer in the last second moves it by one part in 1800", () => {
  const held = { priceE8: 1_800_000n, atSeconds: start };
  const spike = { priceE8: 3_600_000n, atSeconds: expiry - 1 };
  expect(averageAtExpiry([held, spike], undefined, expiry, late).settlementE8).toBe(1_801_000n);
});

test("behavior: a feed that began inside the window counts from then, one that was silent for a day not at all", () => {
  const begun = [{ priceE8: 7n, atSeconds: expiry - 10 }];
  expect(averageAtExpiry(begun, undefined, expiry, late)).toMatchObject({ seconds: 10, settlementE8: 7n });
  const inItsBlock = [{ priceE8: 7n, atSeconds: expiry }];
  expect(averageAtExpiry(inItsBlock, undefined, expiry, late)).toMatchObject({ seconds: 0, settlementE8: 7n });
  const silent = [{ priceE8: 7n, atSeconds: expiry - 86_401 }];
  expect(averageAtExpiry(silent, undefined, expiry, late).settlementE8).toBeNull();
  expect(averageAtExpiry(silent, { priceE8: 9n, atSeconds: late }, expiry, late).settlementE8).toBe(9n);
  expect(averageAtExpiry([], { priceE8: 9n, atSeconds: late }, expiry, late).settlementE8).toBe(9n);
});

const answers = fc
  .array(fc.record({ wait: fc.integer({ min: 1, max: 900 }), priceE8: fc.bigInt({ min: 1n, max: 10n ** 13n }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((steps) => {
    let atSeconds = start - 1_000;
    return steps.map(({ wait, priceE8 }) => {
      atSeconds += wait;
      return { priceE8, atSeconds };
    });
  });

test("behavior: every cut that is late enough gives the same settlement, between the least and the largest answer", () => {
  fc.assert(
    fc.property(answers, fc.integer({ min: 0, max: 1_000_000 }), (all, later) => {
      const before = all.filter(({ atSeconds }) => atSeconds <= expiry);
      const after = all.find(({ atSeconds }) => atSeconds > expiry);
      fc.pre(before.length > 0);
      const settled = averageAtExpiry(before, after, expiry, late).settlementE8 ?? -1n;
      expect(averageAtExpiry(before, after, expiry, late + later).settlementE8).toBe(settled);
      const prices = before.map(({ priceE8 }) => priceE8);
      expect(prices.some((price) => price <= settled) && prices.some((price) => price >= settled)).toBe(true);
    }),
  );
});

test("behavior: what a cut knows before the expiry is what every later one knows of that time", () => {
  fc.assert(
    fc.property(answers, fc.integer({ min: 1, max: settlementWindowSeconds }), (all, passed) => {
      const cut = start + passed;
      const known = all.filter(({ atSeconds }) => atSeconds <= cut);
      fc.pre(known.length > 0);
      const part = averageAtExpiry(known, undefined, expiry, cut);
      const wholeWithout = averageAtExpiry(known, undefined, expiry, expiry);
      const last = known.at(-1)?.priceE8 ?? 0n;
      const rest = BigInt(wholeWithout.seconds - part.seconds);
      expect(wholeWithout.priceSecondsE8 - part.priceSecondsE8).toBe(last * rest);
    }),
  );
});
