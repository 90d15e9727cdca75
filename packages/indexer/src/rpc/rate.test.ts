import fc from "fast-check";
import { expect, test } from "vitest";
import { requestRate } from "./rate.ts";

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
    await rate.acquire();
    taken = taken.filter((at) => at > now - 1_000);
    if (taken.length < limit) {
      taken.push(now);
      answered++;
      rate.succeeded();
    } else {
      refused++;
      rate.limited(retryAfterMs);
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
  await rate.acquire();
  rate.limited(7_000);
  await rate.acquire();
  expect(waits).toEqual([7_000]);
  rate.limited(3_600_000);
  await rate.acquire();
  expect(waits[1]).toBe(60_000);
});

test("behavior: many refusals at once halve the rate once", async () => {
  const rate = requestRate({ nowMs: () => 5_000, sleep: async () => undefined });
  for (let sent = 0; sent < 40; sent++) await rate.acquire();
  for (let refused = 0; refused < 30; refused++) rate.limited();
  expect(rate.perSecond).toBe(20);
});
