import { connect, createServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { Steps } from "@plimsoll/protocol/steps";
import { expect, test } from "vitest";
import { threadMs } from "./api/threadMs.ts";
import { inSlices } from "./slices.ts";

const workedMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Of this thread's own time: on a busy machine it takes longer. */
const busy = (ms: number) => {
  const untilMs = workedMs() + ms;
  while (workedMs() < untilMs);
};

/** So many steps of a millisecond. */
function* milliseconds(count: number): Steps<string> {
  for (let step = 0; step < count; step++) {
    busy(1);
    yield;
  }
  return "done";
}

test("default: gives what the computation gives, and lets others go on meanwhile", async () => {
  let others = 0;
  let ended = false;
  const other = (async () => {
    while (!ended) {
      others++;
      await setImmediate();
    }
  })();
  expect(await inSlices(milliseconds(200))).toBe("done");
  ended = true;
  await other;
  expect(others).toBeGreaterThan(5);
});

test("behavior: whatever others take, the computation has half of the thread", async () => {
  let ended = false;
  let othersMs = 0;
  const other = (async () => {
    while (!ended) {
      busy(90);
      othersMs += 90;
      await setImmediate();
    }
  })();
  const startMs = workedMs();
  await inSlices(milliseconds(600));
  ended = true;
  await other;
  const allMs = workedMs() - startMs;
  // A turn of each more or less, and nothing else.
  expect(othersMs).toBeLessThan(0.7 * allMs);
});

test("behavior: what it takes is none of those who are served meanwhile", async () => {
  const beforeMs = threadMs();
  await inSlices(milliseconds(200));
  expect(threadMs() - beforeMs).toBeLessThan(50);
  busy(100);
  expect(threadMs() - beforeMs).toBeGreaterThan(99);
});

test("behavior: a request is taken while a computation runs", async () => {
  const server = createServer((socket) => socket.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : expect.unreachable();
  let answered = "";
  const socket = connect(port, "127.0.0.1", () => {}).on("data", (data) => {
    answered += data.toString();
  });
  await inSlices(milliseconds(500));
  expect(answered).toBe("hello");
  socket.destroy();
  server.close();
});

test("error: what the computation throws", async () => {
  function* failing(): Steps<never> {
    yield;
    throw new RangeError("no");
  }
  await expect(inSlices(failing())).rejects.toThrow(RangeError);
});
