import fc from "fast-check";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { clientOf } from "./client.ts";
import { createRateLimiter, limitOfEverybody, limitRate } from "./rateLimit.ts";

describe("createRateLimiter", () => {
  test("default: a burst, then as many as trickle in, each client by itself", () => {
    let now = 0;
    const limiter = createRateLimiter({ perSecond: 2, burst: 3, nowMs: () => now });
    expect([1, 2, 3].map(() => limiter.take("a"))).toEqual([null, null, null]);
    expect(limiter.take("a")).toBe(0.5);
    expect(limiter.take("b")).toBeNull();
    now = 500;
    expect(limiter.take("a")).toBeNull();
    expect(limiter.take("a")).toBe(0.5);
  });

  test("behavior: never more than burst and rate allow, in whatever rhythm they come", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 200 }),
        (perSecond, burst, waits) => {
          let now = 0;
          let taken = 0;
          const limiter = createRateLimiter({ perSecond, burst, nowMs: () => now });
          for (const wait of waits) {
            now += wait;
            if (limiter.take("a") === null) taken++;
            expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * perSecond + 1e-6);
          }
        },
      ),
    );
  });

  test("behavior: what is dear counts as many, and is waited for", () => {
    let now = 0;
    const limiter = createRateLimiter({ perSecond: 2, burst: 3, nowMs: () => now });
    limiter.take("a");
    limiter.charge("a", 6);
    expect(limiter.take("a")).toBe(2.5);
    expect(limiter.take("b")).toBeNull();
    now = 2_500;
    expect(limiter.take("a")).toBeNull();
  });

  test("behavior: strangers without number do not fill the memory, and do not free one that is over its limit", () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 1, nowMs: () => 0 });
    limiter.take("a");
    for (let index = 0; index < 9_998; index++) limiter.take(`stranger ${index}`);
    expect(limiter.take("a")).toBe(1);
  });
});

test("limitRate: one client never gets more of the node's time than its rate, whatever its requests cost", async () => {
  let [nowMs, usedMs, costMs] = [0, 0, 0];
  const limiter = createRateLimiter({ perSecond: 100, burst: 400, nowMs: () => nowMs });
  const app = new Hono();
  app.onError(() => new Response(null, { status: 429 }));
  app.use(
    limitRate(
      limiter,
      () => "a",
      () => usedMs,
    ),
  );
  app.get("/", (context) => {
    usedMs += costMs;
    return context.text("");
  });
  for (const cost of [1, 5, 31, 600]) {
    costMs = cost;
    const [beganMs, before] = [nowMs, usedMs];
    for (const requests of [450, 150, 150]) {
      for (let request = 0; request < requests; request++) await app.request("/");
      nowMs += 1_000;
    }
    // 5 ms for each of the requests that burst and rate allow, and what the last one overdrew.
    expect(usedMs - before).toBeLessThanOrEqual(5 * (400 + 100 * ((nowMs - beganMs) / 1_000)) + cost);
    nowMs += 60_000;
  }
});

/** An API of which each client may ask 100 times a second, and everybody has half of the thread; a request takes `costMs`. */
function sharedApi(costMs: number) {
  const spent = { nowMs: 0, usedMs: 0 };
  const app = new Hono();
  app.onError(() => new Response(null, { status: 429 }));
  app.use(
    limitRate(
      createRateLimiter({ perSecond: 100, burst: 400, nowMs: () => spent.nowMs }),
      (headers) => headers.get("client") ?? "",
      () => spent.usedMs,
      limitOfEverybody(() => spent.nowMs),
    ),
  );
  app.get("/", (context) => {
    spent.usedMs += costMs;
    return context.text("");
  });
  return { spent, ask: async (client: string) => (await app.request("/", { headers: { client } })).status };
}

test("limitRate: a crowd gets no more of the node's time than is everybody's, and leaves room for who asks little", async () => {
  const { spent, ask } = sharedApi(20);
  for (let second = 0; second < 60; second++) {
    for (let client = 0; client < 200; client++) await ask(`crowd ${second % 2} ${client}`);
    spent.nowMs += 1_000;
  }
  expect(spent.usedMs).toBeLessThanOrEqual(2_000 + 0.5 * spent.nowMs + 20);
  // One that asks as much as it may is refused before one that asks little.
  spent.nowMs += 60_000;
  for (let round = 0; round < 300; round++) await ask("greedy");
  expect(await ask("greedy")).toBe(429);
  expect(await ask("modest")).toBe(200);
});

test("limitRate: many who ask for little are all served", async () => {
  const { spent, ask } = sharedApi(1);
  for (let second = 0; second < 60; second++) {
    for (let client = 0; client < 450; client++) expect(await ask(`${client}`)).toBe(200);
    spent.nowMs += 1_000;
  }
});

describe("clientOf", () => {
  const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });

  test("default: the address that the socket has", () => {
    const headers = new Headers({ "x-forwarded-for": "9.9.9.9" });
    expect(clientOf(headers, from("::ffff:10.0.0.1"), 0)).toBe("10.0.0.1");
    expect(clientOf(headers, from("2001:db8:1:2:3::4"), 0)).toBe("2001:db8:1:2::/64");
    expect(clientOf(headers, from("::1"), 0)).toBe("0:0:0:0::/64");
  });

  test("behavior: behind proxies, what the outermost of them saw and nothing that the client says", () => {
    const headers = new Headers({ "x-forwarded-for": "6.6.6.6, 1.2.3.4, 10.0.0.2" });
    expect(clientOf(headers, from("10.0.0.1"), 2)).toBe("1.2.3.4");
    expect(clientOf(new Headers(), from("10.0.0.1"), 2)).toBe("10.0.0.1");
  });
});
