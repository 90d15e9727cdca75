import fc from "fast-check";
import { expect, test } from "vitest";
import { drawPopulation } from "./population.ts";

const anySeed = fc.integer({ min: 0, max: 2 ** 31 });

test("default: the same accounts from the same seed, others from another", () => {
  fc.assert(
    fc.property(anySeed, (seed) => {
      expect(drawPopulation(24, seed)).toEqual(drawPopulation(24, seed));
      expect(drawPopulation(24, seed)).not.toEqual(drawPopulation(24, seed + 1));
    }),
  );
});

test("behavior: every strategy is there, and netted accounts are as long as they are short", () => {
  const members = drawPopulation(12, 1);
  expect(new Set(members.map(({ kind }) => kind))).toEqual(
    new Set(["long", "short", "netted", "spread", "put seller"]),
  );
  for (const { kind, rounds } of members) {
    const net = rounds.flat().reduce((sum, { times }) => sum + times, 0);
    if (kind === "netted" || kind === "spread") expect(net).toBeCloseTo(0);
    else expect(Math.abs(net)).toBeGreaterThan(0);
  }
});

test("behavior: a larger population begins with the smaller one", () => {
  fc.assert(
    fc.property(anySeed, (seed) => {
      expect(drawPopulation(24, seed).slice(0, 8)).toEqual(drawPopulation(8, seed));
    }),
  );
});
