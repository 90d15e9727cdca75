import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { runSeeds, runSeedsInThreads } from "./campaign.ts";
import { simulate } from "./simulate.ts";
import { variants } from "./variants.ts";

const { SIMULATION_SEED } = process.env;
const first = Number(SIMULATION_SEED ?? Math.floor(Math.random() * 1_000_000_000));
const seeds = 240;

test("default: fresh seeds break no promise", async () => {
  console.info(`seeds from ${first}; run one again with npm run simulate -- --seed <seed>`);
  const campaign = await runSeedsInThreads({ seeds, first, threads: availableParallelism(), variant: null });
  console.info(`${campaign.seeds} seeds, ${campaign.steps} steps`);
  expect(campaign.violations).toEqual([]);
  // A world in which nothing happens breaks no promise either.
  expect(campaign.seeds).toBe(seeds);
  expect(campaign.attested).toBeGreaterThan(4 * seeds);
  expect(campaign.trades).toBeGreaterThan(20 * seeds);
  expect(campaign.claims).toBeGreaterThan(seeds);
});

// Two epochs competed for the number that a chain has posted, and only one of them had approved a withdrawal; a chain of
// which an exit was all that an epoch spoke of, and later ones of nothing; an operator that never heard that a rival of
// its epoch was attested.
test.each([605_909_503, 392_250_689, 77_036, 888_160])(
  "behavior: seed %i, which broke a promise once",
  async (seed) => {
    expect((await simulate({ seed })).violation).toBeNull();
  },
);

test("default: in a crash books are bought, taken over and deleveraged", async () => {
  const missing = new Set(["liquidations", "takeovers", "deleveragings"] as const);
  const composition = { name: "shipping", prices: "crashing", quorum: { members: 3, threshold: 2, liars: 0 } } as const;
  for (let seed = first; missing.size > 0 && seed < first + 200; seed++) {
    const outcome = await simulate({ seed, composition });
    expect(outcome.violation, `seed ${seed}`).toBeNull();
    for (const kind of missing) if (outcome[kind] > 0) missing.delete(kind);
  }
  expect(missing).toEqual(new Set());
});

test("default: where operators are apart for long, owners leave by exit", async () => {
  let exits = 0;
  for (let seed = first; exits === 0 && seed < first + 100; seed++) {
    const outcome = await simulate({ seed, composition: { name: "shipping", outage: true } });
    expect(outcome.violation, `seed ${seed}`).toBeNull();
    exits += outcome.exits;
  }
  expect(exits).toBeGreaterThan(0);
});

test("behavior: operators that take two leaders' time-outs for every answer agree all the same", async () => {
  for (let seed = first; seed < first + 10; seed++) {
    const outcome = await simulate({ seed, composition: { name: "shipping", answersAfterMs: 1_000 } });
    expect(outcome.violation, `seed ${seed}`).toBeNull();
  }
});

test("default: a seed is a reproduction, to the line", async () => {
  const traceOf = async (seed: number) => {
    const lines: string[] = [];
    const outcome = await simulate({ seed, trace: (line) => lines.push(line) });
    return { lines, outcome };
  };
  const [once, again] = [await traceOf(first), await traceOf(first)];
  expect(again).toEqual(once);
  expect((await traceOf(first + 1)).lines).not.toEqual(once.lines);
});

describe("a system that", () => {
  test.each(variants)("behavior: $name is caught", async (variant) => {
    const seeds = variant.caughtWithin;
    const { violations } = await runSeeds({ seeds, first, composition: variant, until: variant.notices });
    expect(violations.map(({ violation }) => violation).at(-1)).toMatch(variant.notices);
  });
});
