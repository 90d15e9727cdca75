import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createProgress } from "./progress.ts";
import { createWatchdog, StalledError } from "./watchdog.ts";

function setUp() {
  const world = { nowMs: 0, indexed: 10, head: 10 as number | null, halted: false, feedsReadTo: null as number | null };
  const watchdog = createWatchdog({
    stallMs: 1_000,
    nowMs: () => world.nowMs,
    statuses: () => [{ eid: 1, name: "alder", ...world }],
    headOf: async () => world.head,
  });
  /** Lets time pass with a loop that goes round, looking as it goes. */
  const pass = async (ms: number, change: () => void = () => {}) => {
    for (let passed = 0; passed < ms; passed += 100) {
      world.nowMs += 100;
      change();
      watchdog.beat();
      const stalled = await watchdog.look();
      if (stalled !== null) return stalled;
    }
    return null;
  };
  return { world, watchdog, pass };
}

describe("createWatchdog", () => {
  test("default: nothing is wrong with what moves", async () => {
    const { world, pass } = setUp();
    expect(
      await pass(10_000, () => {
        world.indexed++;
        world.head = world.indexed + 5;
      }),
    ).toBeNull();
  });

  test("error: StalledError, a chain goes on and its index does not", async () => {
    const { world, pass } = setUp();
    await pass(500);
    world.head = 11;
    expect(await pass(2_000)).toBeInstanceOf(StalledError);
    expect(world.nowMs).toBeGreaterThan(1_000);
  });

  test("behavior: a chain whose own head stands still kills nobody, however long", async () => {
    expect(await setUp().pass(100_000)).toBeNull();
  });

  test("behavior: nor does one that nobody can reach, nor one that waits for a person", async () => {
    const unreachable = setUp();
    unreachable.world.head = null;
    expect(await unreachable.pass(100_000)).toBeNull();
    const halted = setUp();
    halted.world.halted = true;
    halted.world.head = 99;
    expect(await halted.pass(100_000)).toBeNull();
  });

  test("behavior: a reorg is movement, too", async () => {
    const { world, pass } = setUp();
    world.head = 99;
    let down = true;
    expect(
      await pass(10_000, () => {
        world.indexed += down ? -1 : 1;
        down = !down;
      }),
    ).toBeNull();
  });

  test("behavior: nor a chain of which the history of a feed is read that was named late, while that goes on", async () => {
    const { world, pass } = setUp();
    world.head = 99;
    world.feedsReadTo = 0;
    const reading = await pass(10_000, () => {
      world.feedsReadTo = (world.feedsReadTo ?? 0) + 1;
    });
    expect(reading).toBeNull();
    const before = world.feedsReadTo;
    // From there it gets no further, however often it is begun again.
    const begunAgain = await pass(10_000, () => {
      world.feedsReadTo = world.feedsReadTo === null ? before : null;
    });
    expect(begunAgain).toBeInstanceOf(StalledError);
  });

  test("error: StalledError, the epoch loop hangs", async () => {
    const { world, watchdog } = setUp();
    world.nowMs = 1_000;
    expect(await watchdog.look()).toBeNull();
    world.nowMs = 1_001;
    expect(await watchdog.look()).toMatchObject({ name: "StalledError", exitCode: 75 });
  });
});

describe("createProgress", () => {
  test("default: a steady rate is told as it is, and how long it will take", () => {
    let nowMs = 0;
    const progress = createProgress(() => nowMs);
    for (let second = 0; second <= 60; second++) {
      nowMs = second * 1_000;
      progress.sample([{ eid: 1, head: 10_000, indexed: second * 100 }]);
    }
    expect(progress.of(1).blocksPerSecond).toBeCloseTo(100);
    expect(progress.of(1).secondsLeft).toBe(40);
  });

  test("behavior: nothing is promised before something was read, nor after a standstill of no end", () => {
    const progress = createProgress(() => 0);
    progress.sample([{ eid: 1, head: 100, indexed: 0 }]);
    expect(progress.of(1)).toEqual({ eid: 1, blocksPerSecond: 0, secondsLeft: null });
    expect(progress.of(2).secondsLeft).toBe(0);
  });

  test("behavior: the average never leaves what was measured", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.nat(5_000)), { minLength: 1 }), (steps) => {
        let nowMs = 0;
        let indexed = 0;
        const rates: number[] = [];
        const progress = createProgress(() => nowMs);
        progress.sample([{ eid: 1, head: 1e9, indexed }]);
        for (const [ms, blocks] of steps) {
          nowMs += ms;
          indexed += blocks;
          rates.push((blocks / ms) * 1_000);
          progress.sample([{ eid: 1, head: 1e9, indexed }]);
        }
        const { blocksPerSecond } = progress.of(1);
        expect(blocksPerSecond).toBeGreaterThanOrEqual(Math.min(...rates) * (1 - 1e-9));
        expect(blocksPerSecond).toBeLessThanOrEqual(Math.max(...rates) * (1 + 1e-9));
      }),
    );
  });
});
