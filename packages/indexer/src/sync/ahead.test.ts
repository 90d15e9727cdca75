import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Watch } from "../decode/watch.ts";
import { ChainMovedError, isTrouble, RpcRefusedError, RpcTimeoutError, RpcUnavailableError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import { type RequestRate, requestRate } from "../rpc/rate.ts";
import { type Reading, readAhead } from "./ahead.ts";
import { rangeSize } from "./rangeSize.ts";

const watch: Watch = new Map([["0xa1", new Set<`0x${string}`>()]]);
const unavailable = () => new RpcUnavailableError("down", "");
const refused = () => new RpcRefusedError("too many blocks", "");
const moved = () => new ChainMovedError("moved", "");

/** Only what is asked of an endpoint here. */
function endpointWith(rate: RequestRate): RpcEndpoint {
  return { rate, inLine: () => endpointWith(rate) } as Partial<RpcEndpoint> as RpcEndpoint;
}
const endpoint = endpointWith(requestRate({ nowMs: () => 0, sleep: async () => undefined }));

function blocksOf({ from, to }: Reading, logs = 0): BlockWithLogs[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    return { header: { number: from + index }, logs: Array.from({ length: logs }) } as unknown as BlockWithLogs;
  });
}
const numbersOf = (blocks: readonly BlockWithLogs[]) => blocks.map(({ header }) => header.number);
const passed = () => new Promise((resolve) => setImmediate(resolve));

/** Every range that is asked for, each answered when the test says so. */
function byHand(most: number, rangesAtOnce: number, rate = endpoint.rate) {
  const asked: { readonly range: Reading; readonly answer: PromiseWithResolvers<BlockWithLogs[]> }[] = [];
  const read = (range: Reading) => {
    const answer = Promise.withResolvers<BlockWithLogs[]>();
    asked.push({ range, answer });
    return answer.promise;
  };
  const ahead = readAhead({ read, rangeSize: rangeSize(most), rangesAtOnce });
  const next = (from: number, to = 99) => ahead.next({ endpoint: endpointWith(rate), watch, from, to });
  return {
    ahead,
    next,
    asked: () => asked.map(({ range }) => range.from),
    isWanted: (from: number) => asked.findLast(({ range }) => range.from === from)?.range.signal.aborted === false,
    async give(from: number, logs = 0) {
      const one = asked.findLast(({ range }) => range.from === from);
      if (one !== undefined) one.answer.resolve(blocksOf(one.range, logs));
      await passed();
    },
    async fail(from: number, error: Error) {
      asked.findLast(({ range }) => range.from === from)?.answer.reject(error);
      await passed();
    },
  };
}

describe("readAhead", () => {
  test("default: one range first, then several at once, each given in its turn", async () => {
    const { next, asked, give } = byHand(10, 3);
    const first = next(0);
    expect(asked()).toEqual([0]);
    await give(0);
    expect(numbersOf(await first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(asked(), "three, with the one that was not taken yet").toEqual([0, 10, 20]);
    const second = next(10);
    expect(asked()).toEqual([0, 10, 20, 30]);
    await give(30);
    await give(20);
    await give(10);
    expect((await second)[0]?.header.number).toBe(10);
    expect((await next(20))[0]?.header.number).toBe(20);
    expect((await next(20))[0]?.header.number, "the same until it has moved on").toBe(20);
  });

  test("behavior: one at a time is one after the other", async () => {
    const { next, asked, give } = byHand(10, 1);
    const first = next(0);
    await give(0);
    await first;
    expect(asked()).toEqual([0]);
    void next(10);
    expect(asked()).toEqual([0, 10]);
  });

  test("behavior: a range that fails is read again, and those behind it are kept", async () => {
    const { next, asked, give, fail } = byHand(10, 4);
    const first = next(0);
    await give(0);
    await first;
    const second = expect(next(10)).rejects.toThrow(RpcUnavailableError);
    await give(20);
    await fail(10, unavailable());
    await second;
    const again = next(10);
    await give(10);
    await again;
    expect(numbersOf(await next(20))[0]).toBe(20);
    expect(asked().filter((from) => from === 20)).toHaveLength(1);
    expect(asked().filter((from) => from === 10)).toHaveLength(2);
  });

  test("behavior: one behind that fails is read again by the next call, and told to nobody", async () => {
    const { next, asked, give, fail } = byHand(10, 4);
    const first = next(0);
    await give(0);
    await first;
    await fail(20, unavailable());
    const second = next(10);
    await give(10);
    await second;
    const third = next(20);
    await give(20);
    expect(numbersOf(await third)[0]).toBe(20);
    expect(asked().filter((from) => from === 20)).toHaveLength(2);
  });

  test("behavior: a contradiction ends everything behind it, and is told when its turn comes", async () => {
    const { next, asked, give, fail, isWanted } = byHand(10, 4);
    const first = next(0);
    await give(0);
    await first;
    expect(asked()).toEqual([0, 10, 20, 30]);
    await fail(20, moved());
    expect([isWanted(10), isWanted(30)]).toEqual([true, false]);
    const second = next(10);
    await give(10);
    await second;
    expect(asked(), "nothing is begun behind it").toEqual([0, 10, 20, 30]);
    await expect(next(20)).rejects.toThrow(ChainMovedError);
    await expect(next(20), "until it is forgotten").rejects.toThrow(ChainMovedError);
  });

  test("behavior: what was read for another place, or of other contracts, is not given", async () => {
    const { ahead, next, give, isWanted, asked } = byHand(10, 4);
    const first = next(0);
    await give(0);
    await first;
    const elsewhere = next(5);
    expect([isWanted(10), isWanted(5)]).toEqual([false, true]);
    await give(5);
    expect(numbersOf(await elsewhere)[0]).toBe(5);
    const more: Watch = new Map([...watch, ["0xa2", new Set()]]);
    const before = asked().length;
    void ahead.next({ endpoint, watch: more, from: 5, to: 99 });
    expect(asked().slice(before), "all of them anew").toEqual([5, 15, 25, 35]);
  });

  test("behavior: what lies behind can be given up alone", async () => {
    const { ahead, next, give, asked, isWanted } = byHand(10, 4);
    const first = next(0);
    await give(0);
    await first;
    ahead.forgetBehind();
    expect([10, 20, 30].map(isWanted)).toEqual([false, false, false]);
    await give(10);
    expect(asked(), "nothing is begun until somebody asks").toEqual([0, 10, 20, 30]);
    expect((await next(0))[0]?.header.number).toBe(0);
    expect(asked()).toEqual([0, 10, 20, 30, 10, 20, 30]);
  });

  test("behavior: a range that is too long is cut, by one of them for all", async () => {
    const { next, asked, give, fail } = byHand(16, 8);
    const first = next(0);
    await fail(0, refused());
    await fail(0, refused());
    expect(asked()).toEqual([0, 0, 0]);
    await give(0);
    expect(numbersOf(await first)).toEqual([0, 1, 2, 3]);
    expect(asked()).toEqual([0, 0, 0, 4, 8, 12, 16, 20, 24, 28]);
  });

  test("error: RpcTimeoutError is told at once, and less is asked the next time", async () => {
    const { next, give, fail } = byHand(16, 8);
    const first = expect(next(0)).rejects.toThrow(RpcTimeoutError);
    await fail(0, new RpcTimeoutError("late", ""));
    await first;
    const again = next(0);
    await give(0);
    expect(await again).toHaveLength(8);
  });

  test("behavior: no more than fits into memory is held, but for a single range", async () => {
    const { next, asked, give } = byHand(1_000, 32);
    const first = next(0, 99_999);
    await give(0, 9);
    await first;
    // 10 records a block: five ranges, of which one was taken.
    expect(asked()).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
    const second = next(1_000, 99_999);
    await give(1_000, 60);
    expect(await second).toHaveLength(1_000);
    expect(asked().length).toBe(6);
  });

  test("behavior: nothing further is begun while the endpoint has no room for it", async () => {
    const rate = requestRate({ nowMs: () => 0, sleep: async () => undefined });
    const busy = await rate.turn(10_000);
    const { next, asked, give } = byHand(10, 8, rate);
    const first = next(0);
    await give(0);
    await first;
    expect(asked()).toEqual([0, 10]);
    busy.answered();
    await passed();
    expect(asked().length).toBe(8);
  });

  test("behavior: whatever fails and whenever it comes, every block is given once and in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.record({
          last: fc.nat(80),
          most: fc.integer({ min: 1, max: 12 }),
          taken: fc.integer({ min: 1, max: 12 }),
          rangesAtOnce: fc.integer({ min: 1, max: 6 }),
          outcomes: fc.array(fc.constantFrom("given", "given", "given", "down", "moved"), { maxLength: 60 }),
        }),
        async (scheduler, { last, most, taken, rangesAtOnce, outcomes }) => {
          const left = [...outcomes];
          let reading = 0;
          let mostReading = 0;
          const read = async (range: Reading) => {
            reading++;
            mostReading = Math.max(mostReading, reading);
            const outcome = left.shift();
            await scheduler.schedule(Promise.resolve());
            reading--;
            if (range.to - range.from + 1 > taken) throw refused();
            if (outcome === "down") throw unavailable();
            if (outcome === "moved") throw moved();
            return blocksOf(range);
          };
          const ahead = readAhead({ read, rangeSize: rangeSize(most), rangesAtOnce });
          const given: number[] = [];
          const takeAll = async () => {
            let contradictions = 0;
            for (let from = 0; from <= last; from = given.length) {
              try {
                given.push(...numbersOf(await ahead.next({ endpoint, watch, from, to: last })));
              } catch (error) {
                if (isTrouble(error)) continue;
                contradictions++;
                // As `syncStep` does. What was asked before may still be on its way.
                ahead.forget();
                await ahead.ended;
              }
            }
            return contradictions;
          };
          const contradictions = await scheduler.waitFor(takeAll());
          expect(given).toEqual(Array.from({ length: last + 1 }, (_, number) => number));
          if (contradictions === 0) expect(mostReading).toBeLessThanOrEqual(rangesAtOnce);
        },
      ),
      { numRuns: 300 },
    );
  });
});
