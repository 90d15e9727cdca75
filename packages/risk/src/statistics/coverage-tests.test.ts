import fc from "fast-check";
import { expect, test } from "vitest";
import { coverageTests, independenceTest, kupiecTest } from "./coverage-tests.ts";
import { chiSquareTail, logGamma, upperIncompleteGamma } from "./incomplete-gamma.ts";

test.each([
  [3.841458820694124, 1, 0.05],
  [6.6348966010212145, 1, 0.01],
  [10.827566170662733, 1, 0.001],
  [5.991464547107979, 2, 0.05],
  [9.21034037197618, 2, 0.01],
  [18.307038053275146, 10, 0.05],
  [2.705543454095404, 1, 0.1],
])("default: the chance beyond the tabulated quantile %d with %d degrees of freedom", (quantile, degrees, chance) => {
  expect(chiSquareTail(quantile, degrees) / chance).toBeCloseTo(1, 11);
});

test("behavior: gamma of halves and whole numbers", () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13);
  expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
});

test("behavior: with two degrees of freedom it is the exponential function, far into the tail", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (x) => {
      expect(chiSquareTail(x, 2) / Math.exp(-x / 2)).toBeCloseTo(1, 10);
    }),
  );
});

test("behavior: Q(a + 1, x) = Q(a, x) + x^a e^-x / gamma(a + 1)", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 40, noNaN: true }),
      fc.double({ min: 0.01, max: 80, noNaN: true }),
      (a, x) => {
        const step = Math.exp(a * Math.log(x) - x - logGamma(a + 1));
        expect(upperIncompleteGamma(a + 1, x)).toBeCloseTo(upperIncompleteGamma(a, x) + step, 11);
      },
    ),
  );
});

test("behavior: the textbook's 20 exceptions in 252 days at 95 %", () => {
  // Jorion, Value at Risk, 3rd ed., chapter 6: LR = 3.91, just rejected at 5 %.
  const { statistic, pValue } = kupiecTest(252, 20, 0.05);
  expect(statistic).toBeCloseTo(3.91, 2);
  expect(pValue).toBeLessThan(0.05);
});

test.each([
  // Kupiec (1995), non-rejection regions at 95 %: [days, chance, fewest, most], ends not included.
  [255, 0.01, -1, 7],
  [510, 0.01, 1, 11],
  [1000, 0.01, 4, 17],
  [255, 0.05, 6, 21],
  [1000, 0.05, 37, 65],
])("behavior: Kupiec's published region for %d days at %d", (days, chance, fewest, most) => {
  for (let exceptions = 0; exceptions < 80; exceptions++) {
    const kept = kupiecTest(days, exceptions, chance).pValue > 0.05;
    // Without any exception in 255 days the statistic is 5.1, which the table's N < 7 passes over.
    if (exceptions > 0) expect(kept, `${exceptions}`).toBe(exceptions > fewest && exceptions < most);
  }
});

test("behavior: exceptions in a cluster are found out, spread ones are not", () => {
  const clustered = Array.from({ length: 1000 }, (_, t) => t >= 500 && t < 510);
  const spread = Array.from({ length: 1000 }, (_, t) => t % 100 === 50);
  expect(coverageTests(clustered, 0.01)).toMatchObject({ exceptions: 10, expected: 10 });
  expect(coverageTests(clustered, 0.01).proportion.statistic).toBeCloseTo(0, 12);
  expect(coverageTests(clustered, 0.01).conditional.pValue).toBeLessThan(1e-9);
  expect(coverageTests(spread, 0.01).conditional.pValue).toBeGreaterThan(0.5);
});

test("behavior: by hand, with 10 exceptions of which 3 follow another", () => {
  const exceptions = new Array<boolean>(100).fill(false);
  for (const t of [10, 11, 20, 21, 30, 31, 40, 50, 60, 99]) exceptions[t] = true;
  const alike = 89 * Math.log(89 / 99) + 10 * Math.log(10 / 99);
  const [n00, n01, n10, n11] = [83, 7, 6, 3];
  const apart = n00 * Math.log(n00 / 90) + n01 * Math.log(n01 / 90) + n10 * Math.log(n10 / 9) + n11 * Math.log(n11 / 9);
  expect(independenceTest(exceptions).statistic).toBeCloseTo(2 * (apart - alike), 12);
});
