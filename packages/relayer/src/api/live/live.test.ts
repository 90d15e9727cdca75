import { setTimeout as sleep } from "node:timers/promises";
import type { MessageJson } from "@plimsoll/protocol/wire";
import fc from "fast-check";
import { Hono } from "hono";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { EpochSummary } from "../../store/store.ts";
import { ProblemError, problemResponse } from "../problem.ts";
import type { Feed } from "./feed.ts";
import { epochFeed, messageFeed, stateFeed } from "./feeds.ts";
import { createStreams, pauseMs } from "./streams.ts";

const ids = (feed: Feed) => feed.next().map(({ id }) => id);

function epochs(numbers: readonly number[]) {
  const listed = numbers.map((epoch) => ({ header: { epoch } }) as EpochSummary);
  return { listAttested: (limit: number) => listed.toReversed().slice(0, limit) };
}

describe("epochFeed", () => {
  test("default: the newest first, and then each that comes", () => {
    const numbers = [5, 6, 7];
    const feed = epochFeed(
      { listAttested: (limit) => epochs(numbers).listAttested(limit) },
      ({ header }) => header,
      null,
    );
    expect(feed.next()).toEqual([{ id: "7", event: "epoch", data: { epoch: 7 } }]);
    expect(feed.next()).toEqual([]);
    numbers.push(8, 10);
    expect(ids(feed)).toEqual(["8", "10"]);
  });

  test("behavior: whoever comes back misses nothing, wherever the connection broke", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 150 }),
        fc.nat(),
        (some, at) => {
          const numbers = some.toSorted((a, b) => a - b);
          const seen = numbers[at % numbers.length] ?? 0;
          const resumed = ids(epochFeed(epochs(numbers), () => null, `${seen}`));
          expect(resumed).toEqual(numbers.filter((one) => one > seen).map(String));
        },
      ),
    );
  });

  test("behavior: too much is said to be too much", () => {
    const numbers = Array.from({ length: 300 }, (_, index) => index + 1);
    const [first, ...rest] = epochFeed(epochs(numbers), () => null, "5").next();
    expect(first?.event).toBe("gap");
    expect(rest).toHaveLength(200);
    // Whoever heard of the gap and of nothing behind it still misses all that is behind it.
    expect(ids(epochFeed(epochs(numbers), () => null, first?.id ?? null)).slice(-200)).toEqual(
      rest.map(({ id }) => id),
    );
  });

  test("error: ProblemError, an id that is none", () => {
    expect(() => epochFeed(epochs([1]), () => null, "first")).toThrow(ProblemError);
  });
});

describe("stateFeed", () => {
  test("default: told at first and at every change; a client that has it already is told nothing", () => {
    let state: unknown = null;
    const feed = stateFeed("account", () => state, null);
    expect(feed.next()).toEqual([]);
    state = { base: "1" };
    const [event] = feed.next();
    expect(event).toMatchObject({ event: "account", data: { base: "1" } });
    expect(feed.next()).toEqual([]);
    expect(stateFeed("account", () => state, event?.id ?? null).next()).toEqual([]);
    state = { base: "2" };
    expect(stateFeed("account", () => state, event?.id ?? null).next()).toHaveLength(1);
  });
});

describe("messageFeed", () => {
  const message = (guid: string, status: MessageJson["status"]) =>
    ({ guid, payloadHash: "0x", status }) as unknown as MessageJson;

  /** What happened in which block of chain 1. */
  function world() {
    const happened: { block: number; guid: string; status: MessageJson["status"] }[] = [];
    let head = 100;
    const source = {
      indexed: () => new Map([[1, head]]),
      changed: (after: ReadonlyMap<number, number>, upTo: ReadonlyMap<number, number>) => {
        const recent = happened.filter(({ block }) => block > (after.get(1) ?? 0) && block <= (upTo.get(1) ?? 0));
        const newest = new Map(recent.map(({ guid }) => [guid, happened.findLast((one) => one.guid === guid)]));
        return [...newest].map(([guid, last]) => message(guid, last?.status ?? "sent"));
      },
    };
    const add = (guid: string, status: MessageJson["status"], blocks = 1) => {
      head += blocks;
      happened.push({ block: head, guid, status });
    };
    return {
      source,
      add,
      happened,
      setHead: (block: number) => {
        head = block;
      },
    };
  }

  test("default: what happens is told once, and nothing of before", () => {
    const { source, add } = world();
    const feed = messageFeed(source, null);
    expect(feed.next()).toEqual([]);
    expect(feed.position()).toBe("1:100");
    add("0xaa", "sent");
    expect(feed.next()).toMatchObject([{ id: "1:101", event: "message", data: { guid: "0xaa", status: "sent" } }]);
    expect(feed.next()).toEqual([]);
    add("0xaa", "verified");
    expect(feed.next()).toMatchObject([{ data: { status: "verified" } }]);
  });

  test("behavior: a block that a reorg replaced is told as it is now", () => {
    const { source, add, happened, setHead } = world();
    const feed = messageFeed(source, null);
    add("0xaa", "sent");
    feed.next();
    happened.length = 0;
    setHead(100);
    add("0xbb", "sent");
    expect(feed.next()).toMatchObject([{ data: { guid: "0xbb" } }]);
  });

  test("behavior: whoever comes back knows the newest state of every message, wherever the connection broke", () => {
    const guid = fc.constantFrom("0xaa", "0xbb", "0xcc", "0xdd");
    const status = fc.constantFrom<MessageJson["status"]>("sent", "verified", "delivered", "failed");
    // After so many events of what is told at once; null where nothing breaks.
    const breaksAfter = fc.option(fc.nat(3));
    const step = fc.tuple(guid, status, fc.integer({ min: 1, max: 20 }), breaksAfter, fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const { source, add, happened } = world();
        const known = new Map<string, string>();
        let feed = messageFeed(source, null);
        let last = feed.position();
        const look = (most = Number.POSITIVE_INFINITY) => {
          for (const { id, data } of feed.next().slice(0, most)) {
            const told = data as MessageJson;
            known.set(told.guid, told.status);
            last = id;
          }
        };
        for (const [one, now, blocks, breaks, looks] of steps) {
          add(one, now, blocks);
          if (looks) look(breaks ?? undefined);
          if (breaks !== null) feed = messageFeed(source, last);
        }
        look();
        for (const { guid: each } of happened) {
          expect(known.get(each)).toBe(happened.findLast((event) => event.guid === each)?.status);
        }
      }),
    );
  });
});

describe("createStreams", () => {
  const feedOf = (events: { id: string; event: string; data: unknown }[]): Feed => ({
    next: () => events.splice(0),
    position: () => "42",
  });

  function app(feeds: Feed[], most = { inAll: 2, ofOne: 1 }, usedMs = () => 0) {
    const streams = createStreams(most, usedMs);
    const http = new Hono();
    http.get("/:client", (context) =>
      streams.respond(context, context.req.param("client"), feeds.shift() ?? feedOf([])),
    );
    http.onError((error) => problemResponse(error as ProblemError));
    return { streams, http };
  }

  test("default: events as they come, until the node ends", async () => {
    const events = [{ id: "1", event: "epoch", data: { epoch: 1 } }];
    const { streams, http } = app([feedOf(events)]);
    const response = await http.request("/a");
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    events.push({ id: "2", event: "epoch", data: { epoch: 2 } });
    streams.wake();
    const reader = (response.body ?? expect.unreachable()).pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("id: 2")) text += (await reader.read()).value ?? expect.unreachable();
    expect(text).toContain('event: epoch\ndata: {"epoch":1}\nid: 1\n\n');
    expect(text).toContain('event: epoch\ndata: {"epoch":2}\nid: 2');
    streams.close();
    while (!(await reader.read()).done);
    expect(streams.open).toBe(0);
  });

  test("behavior: many streams, and dear ones, look more seldom: together for a fifth of the thread's time at most", () => {
    expect(pauseMs(1, 1)).toBe(500);
    expect(pauseMs(200, 3)).toBe(3_000);
    // An idle connection is cut after a while, so that none is left without a look for longer.
    expect(pauseMs(200, 1_000)).toBe(15_000);
  });

  test("behavior: what looks cost is measured", async () => {
    let [usedMs, looks] = [0, 0];
    const dear: Feed = {
      next: () => {
        looks++;
        usedMs += 4_000;
        return [];
      },
      position: () => "42",
    };
    const { streams, http } = app([dear], { inAll: 1, ofOne: 1 }, () => usedMs);
    const told = (await http.request("/a")).text();
    const waking = setInterval(() => streams.wake(), 10);
    // The first one at once and one after half a second, which tells what they cost: 500 ms on average so far.
    await expect.poll(() => looks, { timeout: 10_000 }).toBe(2);
    await sleep(1_200);
    expect(looks).toBe(2);
    clearInterval(waking);
    streams.close();
    await told;
  });

  test("behavior: with nothing to tell, it still tells where to resume", async () => {
    const { streams, http } = app([]);
    const response = await http.request("/a");
    setTimeout(() => streams.close(), 50);
    expect(await response.text()).toContain("id: 42\n\n");
  });

  describe("behavior: however seldom or often it looks,", () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    test.each([null, 700, 4_000])(
      "whoever has nothing to tell says so every 15 seconds (woken each %d ms)",
      async (wakeMs) => {
        vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
        const { streams, http } = app([]);
        const told = (await http.request("/a")).text();
        if (wakeMs !== null) setInterval(() => streams.wake(), wakeMs);
        await vi.advanceTimersByTimeAsync(62_000);
        streams.close();
        await vi.runOnlyPendingTimersAsync();
        expect((await told).split(": alive").length - 1).toBeGreaterThanOrEqual(3);
      },
    );
  });

  test("behavior: whoever asks for the head of a stream alone takes no place", async () => {
    const { streams, http } = app([]);
    const response = await http.request("/a", { method: "HEAD" });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(streams.open).toBe(0);
    expect((await http.request("/a")).status).toBe(200);
    streams.close();
  });

  test("error: too many streams, of one and of all; a closed one makes room", async () => {
    const { streams, http } = app([]);
    const first = await http.request("/a");
    expect((await http.request("/a")).status).toBe(429);
    await http.request("/b");
    const refused = await http.request("/c");
    expect(await refused.json()).toMatchObject({ code: "too-many-streams" });
    expect(streams.open).toBe(2);
    await first.body?.cancel();
    await expect.poll(() => streams.open).toBe(1);
    expect((await http.request("/c")).status).toBe(200);
    streams.close();
  });
});
