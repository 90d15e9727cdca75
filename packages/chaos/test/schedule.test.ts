import fc from "fast-check";
import { expect, test } from "vitest";
import { faultKinds, targetOf } from "../src/faults/fault.ts";
import { drawSchedule } from "../src/faults/schedule.ts";

const parameters = { operators: 3, chains: ["alder", "birch", "cedar"], endpoints: 2, finalityDepth: 2 } as const;
const minuteMs = 60_000;
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

test("default: the same seed draws the same faults, another seed others", () => {
  const draw = (seed: number) => drawSchedule({ ...parameters, seed, durationMs: minuteMs });
  expect(draw(42)).toEqual(draw(42));
  expect(draw(42)).not.toEqual(draw(43));
});

test("behavior: two minutes meet every kind of fault", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const faults = drawSchedule({ ...parameters, seed, durationMs: 2 * minuteMs });
      expect(new Set(faults.map(({ action }) => action.kind))).toEqual(new Set(faultKinds));
    }),
  );
});

test("behavior: all is over in time, nothing is done to one target twice at once, no reorg is deeper than finality", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 0, max: 5 * minuteMs }), (seed, durationMs) => {
      const busyUntil = new Map<string, number>();
      for (const { atMs, forMs, action } of drawSchedule({ ...parameters, seed, durationMs })) {
        expect(atMs + forMs).toBeLessThanOrEqual(durationMs);
        expect(atMs).toBeGreaterThanOrEqual(busyUntil.get(targetOf(action)) ?? 0);
        busyUntil.set(targetOf(action), atMs + forMs);
        if (action.kind === "reorg") expect(action.depth).toBeLessThanOrEqual(parameters.finalityDepth);
      }
    }),
  );
});
