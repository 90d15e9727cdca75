import type { ChainStatus } from "@plimsoll/indexer/indexer";
import pino from "pino";
import { expect, test } from "vitest";
import { manualClock } from "../../test/support/clock.ts";
import { createProgress } from "./progress.ts";
import { mostLagBlocks, reportProgress } from "./reportProgress.ts";

/** Two chains for some seconds, one of which reads so many blocks a second and is followed from then on. */
async function watch({ seconds, perSecond, head }: { seconds: number; perSecond: number; head: number }) {
  const clock = manualClock(0);
  const lines: Record<string, unknown>[] = [];
  const drawn: string[] = [];
  const ending = new AbortController();
  const status = (name: string, eid: number, indexed: number) =>
    ({ name, eid, indexed, head, lagBlocks: head - indexed }) as ChainStatus;
  await reportProgress({
    progress: createProgress(clock.nowMs),
    statuses() {
      if (clock.nowMs() >= seconds * 1_000) ending.abort();
      const indexed = Math.min(head, (clock.nowMs() / 1_000) * perSecond);
      return [status("alder", 1, indexed), status("birch", 2, head - mostLagBlocks)];
    },
    startBlockOf: () => 0,
    clock,
    log: pino({ base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line)) }),
    terminal: { write: (text) => drawn.push(text) },
    signal: ending.signal,
  });
  return { lines, drawn };
}

test("default: every ten seconds a line with the rate and the time that is left, of chains that are far behind alone", async () => {
  const { lines, drawn } = await watch({ seconds: 25, perSecond: 100, head: 10_000 });
  const told = { level: 30, msg: "catching up", chain: "alder", eid: 1, head: 10_000 };
  expect(lines).toEqual([
    { ...told, indexed: 0, blocksPerSecond: 0, secondsLeft: null },
    { ...told, indexed: 1_000, blocksPerSecond: 100, secondsLeft: 90 },
    { ...told, indexed: 2_000, blocksPerSecond: 100, secondsLeft: 80 },
  ]);
  expect(drawn).toHaveLength(26);
  expect(drawn.at(-1)).toBe("\u001b[1A\u001b[Jalder   [######------------------] 25.0%  100 blocks/s, 1 min left\n");
});

test("behavior: once all are near their heads the bars are gone and nothing is told any more", async () => {
  const { lines, drawn } = await watch({ seconds: 30, perSecond: 1_000, head: 5_000 });
  expect(lines).toHaveLength(1);
  expect(drawn.at(-1)).toBe("\u001b[1A\u001b[J");
  expect(drawn).toHaveLength(6);
});
