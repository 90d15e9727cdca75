import fc from "fast-check";
import { expect, test } from "vitest";
import { type Line, requestRate } from "./rate.ts";

/** A provider that takes `limit` requests in any second, and whoever asks it, one after the other, for `seconds`. */
async function askFor(seconds: number, limit: number, retryAfterMs?: number) {
  let now = 0;
  const sleep = async (ms: number) => {
    now += ms;
  };
  const rate = requestRate({ nowMs: () => now, sleep });
  let taken: number[] = [];
  let answered = 0;
  let refused = 0;
  const rates: (number | null)[] = [];
  while (now < seconds * 1_000) {
    const turn = await rate.turn();
    taken = taken.filter((at) => at > now - 1_000);
    if (taken.length < limit) {
      taken.push(now);
      answered++;
      turn.answered();
    } else {
      refused++;
      turn.limited(retryAfterMs);
    }
    rates.push(rate.perSecond);
    now += 1;
  }
  return { answered, refused, rates };
}

test("default: nothing is held back until the provider names a limit", async () => {
  const { refused, answered, rates } = await askFor(10, 2_000);
  expect([refused, answered]).toEqual([0, 10_000]);
  expect(rates.at(-1)).toBeNull();
});

test("behavior: it settles near any limit, and is refused seldom", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 300 }), async (limit) => {
      const seconds = 300;
      const { answered, refused } = await askFor(seconds, limit);
      expect(answered / (limit * seconds)).toBeGreaterThan(0.3);
      expect(refused / answered).toBeLessThan(0.1);
    }),
    { numRuns: 20 },
  );
});

test("behavior: it waits as long as the provider says, and no longer than a minute", async () => {
  let now = 0;
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
    now += ms;
  };
  const rate = requestRate({ nowMs: () => now, sleep });
  (await rate.turn()).limited(7_000);
  const turn = await rate.turn();
  expect(waits).toEqual([7_000]);
  turn.limited(3_600_000);
  await rate.turn();
  expect(waits[1]).toBe(60_000);
});

test("behavior: many refusals at once halve the rate once", async () => {
  const rate = requestRate({ nowMs: () => 5_000, sleep: async () => undefined });
  const turns = await Promise.all(Array.from({ length: 40 }, () => rate.turn()));
  for (const turn of turns.slice(0, 30)) turn.limited();
  expect(rate.perSecond).toBe(20);
});

test("behavior: so many at once, in the order of the calls; half of that when nothing comes back", async () => {
  let now = 0;
  const rate = requestRate({ nowMs: () => now, sleep: async () => undefined });
  const most = rate.atOnce;
  const turns = await Promise.all(Array.from({ length: most }, () => rate.turn()));
  const order: number[] = [];
  const later = [0, 1, 2].map(async (index) => {
    const turn = await rate.turn();
    order.push(index);
    return turn;
  });
  await Promise.resolve();
  expect([order, rate.hasRoom]).toEqual([[], false]);
  turns[0]?.answered();
  turns[1]?.answered();
  turns[2]?.answered();
  await Promise.all(later);
  expect(order).toEqual([0, 1, 2]);
  now = 5_000;
  for (const turn of turns.slice(3)) turn.unanswered();
  expect(rate.atOnce, "many at once are one").toBe(most / 2);
  now = 10_000;
  for (let second = 0; second < 120; second++) {
    now += 1_000;
    (await rate.turn()).answered();
  }
  expect(rate.atOnce).toBeGreaterThan(most);
});

test("behavior: the lowest in line goes first, and whoever is not wanted any more not at all", async () => {
  const rate = requestRate({ nowMs: () => 0, sleep: async () => undefined });
  const busy = await rate.turn(10_000);
  const order: string[] = [];
  const unwanted = new AbortController();
  const wait = (name: string, line?: Line) => rate.turn(1, line).then(() => order.push(name));
  const given = [
    wait("behind", { order: 20 }),
    wait("in front", { order: 10 }),
    wait("as far", { order: 20 }),
    wait("without order"),
  ];
  const abandoned = expect(rate.turn(1, { order: 5, signal: unwanted.signal })).rejects.toThrow("not wanted");
  unwanted.abort(new TypeError("not wanted"));
  busy.answered();
  await Promise.all([...given, abandoned]);
  expect(order).toEqual(["without order", "in front", "behind", "as far"]);
});

test("behavior: one that is heavy counts for many, and goes alone where it is heavier than everything together", async () => {
  const rate = requestRate({ nowMs: () => 0, sleep: async () => undefined });
  const light = await rate.turn();
  let isOut = false;
  const heavy = rate.turn(rate.atOnce * 2).then((turn) => {
    isOut = true;
    return turn;
  });
  await Promise.resolve();
  expect(isOut).toBe(false);
  light.answered();
  const room = rate.room();
  (await heavy).answered();
  await room;
  expect(rate.hasRoom).toBe(true);
});

test("behavior: whoever waits in a pause goes out slowly once it is over, and at once when it is stopped", async () => {
  let now = 0;
  const stopping = new AbortController();
  const sleeping: (() => void)[] = [];
  const sleep = () => new Promise<void>((resolve) => sleeping.push(resolve));
  const rate = requestRate({ nowMs: () => now, sleep, stop: stopping.signal });
  const turns = await Promise.all(Array.from({ length: 20 }, () => rate.turn()));
  let out = 0;
  for (let waiting = 0; waiting < 10; waiting++) void rate.turn().then(() => out++);
  for (let waiting = 0; waiting < 10; waiting++) void rate.turn().then(() => out++);
  await Promise.resolve();
  expect(out).toBe(20);
  turns[0]?.limited(2_000);
  for (let waiting = 0; waiting < 10; waiting++) void rate.turn().then(() => out++);
  await Promise.resolve();
  expect(out).toBe(20);
  now = 2_000;
  sleeping.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
  // 40 in the second before: 20 a second from now on, and what a late timer makes up for.
  expect(out).toBeLessThanOrEqual(22);
  stopping.abort();
  sleeping.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(out).toBe(30);
});
