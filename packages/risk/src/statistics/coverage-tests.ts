import { chiSquareTail } from "./incomplete-gamma.ts";

/** A likelihood ratio and the chance of one as large if the model were right. */
export interface CoverageTest {
  readonly statistic: number;
  readonly pValue: number;
}

/** What the exceptions of a value at risk say about it. */
export interface CoverageTests {
  readonly observations: number;
  readonly exceptions: number;
  readonly expected: number;
  /** Kupiec's proportion of failures: is the number right? Chi-square, 1 degree of freedom. */
  readonly proportion: CoverageTest;
  /** Christoffersen's independence: do they come in clusters? Chi-square, 1 degree of freedom. */
  readonly independence: CoverageTest;
  /** Both at once (conditional coverage). Chi-square, 2 degrees of freedom. */
  readonly conditional: CoverageTest;
}

/**
 * Kupiec's test of the proportion of failures.
 *
 *     LR = -2 ln( (1 - p)^(n - x) p^x / ((1 - x/n)^(n - x) (x/n)^x) )
 *
 * Source: Kupiec, "Techniques for verifying the accuracy of risk measurement models", Journal of Derivatives 3 (1995).
 * @example kupiecTest(252, 20, 0.05).statistic // 3.91
 */
export function kupiecTest(observations: number, exceptions: number, chance: number): CoverageTest {
  const kept = observations - exceptions;
  const expected = logLikelihood(kept, exceptions, chance);
  const observed = logLikelihood(kept, exceptions, exceptions / observations);
  return ratioTest(expected, observed, 1);
}

/**
 * Christoffersen's test of independence: is an exception likelier after an exception than after none?
 *
 * Source: Christoffersen, "Evaluating interval forecasts", International Economic Review 39 (1998), section 3.2.
 */
export function independenceTest(exceptions: readonly boolean[]): CoverageTest {
  const counts: [[number, number], [number, number]] = [
    [0, 0],
    [0, 0],
  ];
  for (let t = 1; t < exceptions.length; t++) {
    const row = counts[exceptions[t - 1] ? 1 : 0];
    row[exceptions[t] ? 1 : 0]++;
  }
  const [[n00, n01], [n10, n11]] = counts;
  const together = (n01 + n11) / Math.max(1, n00 + n01 + n10 + n11);
  const afterNone = n01 / Math.max(1, n00 + n01);
  const afterOne = n11 / Math.max(1, n10 + n11);
  const alike = logLikelihood(n00 + n10, n01 + n11, together);
  const apart = logLikelihood(n00, n01, afterNone) + logLikelihood(n10, n11, afterOne);
  return ratioTest(alike, apart, 1);
}

/**
 * Kupiec's and Christoffersen's tests of a series of exceptions, in order of time, that should have happened with
 * `chance` each. For the test of independence the periods must not overlap.
 */
export function coverageTests(exceptions: readonly boolean[], chance: number): CoverageTests {
  const observations = exceptions.length;
  const count = exceptions.filter(Boolean).length;
  const proportion = kupiecTest(observations, count, chance);
  const independence = independenceTest(exceptions);
  const statistic = proportion.statistic + independence.statistic;
  return {
    observations,
    exceptions: count,
    expected: observations * chance,
    proportion,
    independence,
    conditional: { statistic, pValue: chiSquareTail(statistic, 2) },
  };
}

/** n0 ln(1 - p) + n1 ln(p), where 0 ln(0) is 0. */
function logLikelihood(n0: number, n1: number, p: number): number {
  return (n0 === 0 ? 0 : n0 * Math.log(1 - p)) + (n1 === 0 ? 0 : n1 * Math.log(p));
}

function ratioTest(restricted: number, free: number, degreesOfFreedom: number): CoverageTest {
  const statistic = Math.max(0, -2 * (restricted - free));
  return { statistic, pValue: chiSquareTail(statistic, degreesOfFreedom) };
}
