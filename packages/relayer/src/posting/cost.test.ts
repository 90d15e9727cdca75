import { describe, expect, test } from "vitest";
import { postingCostWei, postsPerDay } from "./cost.ts";

const rate = { heartbeatSeconds: 600, deviationBps: 50, annualVolatility: 0.8, epochIntervalMs: 1_000 };

/** Walks a mark second by second and counts posts. */
function simulated({ heartbeatSeconds, deviationBps, annualVolatility }: typeof rate, days: number): number {
  const perSecond = annualVolatility / Math.sqrt(365 * 86_400);
  let [state, posts, moved, age] = [12_345, 0, 0, 0];
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  for (let second = 0; second < days * 86_400; second++) {
    moved += perSecond * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    age++;
    if (Math.abs(moved) < deviationBps / 10_000 && age < heartbeatSeconds) continue;
    posts++;
    [moved, age] = [0, 0];
  }
  return posts / days;
}

describe("postsPerDay", () => {
  test("default: the heartbeat alone where nothing moves, and one an epoch where everything counts", () => {
    expect(postsPerDay({ ...rate, annualVolatility: 0 })).toBe(144);
    expect(postsPerDay({ ...rate, deviationBps: 0, epochIntervalMs: 60_000 })).toBe(1_440);
    expect(postsPerDay({ ...rate, deviationBps: 10_000 })).toBeCloseTo(144, 6);
  });

  test.each([
    { heartbeatSeconds: 600, deviationBps: 50, annualVolatility: 0.8 },
    { heartbeatSeconds: 3_600, deviationBps: 50, annualVolatility: 0.8 },
    { heartbeatSeconds: 86_400, deviationBps: 100, annualVolatility: 0.5 },
  ])("behavior: what a simulated mark gives: %o", (given) => {
    const expected = postsPerDay({ ...rate, ...given });
    const walked = simulated({ ...rate, ...given }, 20);
    // A walk that looks once a second leaves the band late, so it posts somewhat less.
    expect(walked).toBeGreaterThan(expected * 0.85);
    expect(walked).toBeLessThan(expected * 1.05);
  });

  test("behavior: more volatility, a narrower band or a shorter heartbeat never mean fewer posts", () => {
    for (const volatility of [0.1, 0.5, 1, 2]) {
      for (const bps of [10, 50, 200]) {
        const here = postsPerDay({ ...rate, annualVolatility: volatility, deviationBps: bps });
        expect(postsPerDay({ ...rate, annualVolatility: volatility * 2, deviationBps: bps })).toBeGreaterThanOrEqual(
          here,
        );
        expect(postsPerDay({ ...rate, annualVolatility: volatility, deviationBps: 2 * bps })).toBeLessThanOrEqual(
          here + 1e-9,
        );
        expect(here).toBeGreaterThanOrEqual(144 - 1e-9);
      }
    }
  });
});

describe("postingCostWei", () => {
  test("default: whole posts, times gas, times price", () => {
    expect(postingCostWei(143.2, 90_000n, 10n)).toBe(144n * 900_000n);
  });
});
