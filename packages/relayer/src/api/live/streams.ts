import type { Context as HonoContext } from "hono";
import { streamSSE } from "hono/streaming";
import { systemClock } from "../../clock.ts";
import { ProblemError } from "../problem.ts";
import { threadMs } from "../threadMs.ts";
import type { Feed, LiveEvent } from "./feed.ts";

/** Opens streams of server-sent events and keeps count of them. */
export interface Streams {
  /** Something may have changed: every stream looks. */
  wake(): void;
  /** Ends all streams, for good. */
  close(): void;
  readonly open: number;
  respond(context: HonoContext, client: string, feed: Feed): Response;
}

/** A stream looks at its feed at most so often. */
const leastPauseMs = 500;
/** All streams together look for no larger part of this thread's time, however many there are and whatever they follow. */
const shareOfThread = 0.2;
/** A comment after so long a silence keeps proxies from cutting the connection. */
const heartbeatMs = 15_000;

/** Until a stream looks again, where so many are open and a look takes so long. */
export function pauseMs(open: number, lookMs: number): number {
  return Math.min(heartbeatMs, Math.max(leastPauseMs, (open * lookMs) / shareOfThread));
}

/**
 * @param most streams in all, and of one client.
 * @param usedMs what this thread has worked so far.
 */
export function createStreams(
  most: { readonly inAll: number; readonly ofOne: number },
  usedMs: () => number = threadMs,
): Streams {
  const stopping = new AbortController();
  const clients = new Map<string, number>();
  let open = 0;
  let wake = Promise.withResolvers<void>();
  /** On average, of late. */
  let lookMs = 0;

  const look = (feed: Feed): readonly LiveEvent[] => {
    const startMs = usedMs();
    const events = feed.next();
    lookMs += (usedMs() - startMs - lookMs) / 8;
    return events;
  };

  return {
    get open() {
      return open;
    },
    wake() {
      wake.resolve();
      wake = Promise.withResolvers();
    },
    close() {
      stopping.abort();
      wake.resolve();
    },
    respond(context, client, feed) {
      const mine = clients.get(client) ?? 0;
      if (open >= most.inAll || mine >= most.ofOne) {
        const hint = "Close one, or ask another operator.";
        throw new ProblemError(429, "too-many-streams", "No more streams are served here.", hint, {
          "retry-after": "30",
        });
      }
      // Taken before the feed is asked: whatever comes after that wakes it.
      let woken = wake.promise;
      // What is wrong with the request is told before the stream begins.
      const first = feed.next();
      context.header("x-accel-buffering", "no");
      // Nobody would read the stream, or end it.
      if (context.req.method === "HEAD") return context.body(null, 200, { "content-type": "text/event-stream" });
      open++;
      clients.set(client, mine + 1);
      let ended = false;
      const end = () => {
        if (ended) return;
        ended = true;
        open--;
        const left = (clients.get(client) ?? 1) - 1;
        if (left === 0) clients.delete(client);
        else clients.set(client, left);
      };
      return streamSSE(context, async (stream) => {
        const gone = Promise.withResolvers<void>();
        stream.onAbort(() => {
          end();
          gone.resolve();
        });
        try {
          let events = first;
          let saidAtMs = performance.now();
          await stream.write("retry: 2000\n");
          while (!stopping.signal.aborted && !stream.aborted) {
            for (const { id, event, data } of events) await stream.writeSSE({ id, event, data: JSON.stringify(data) });
            const position = feed.position();
            // An id without data tells the client where to resume, and nothing else.
            if (events === first && first.length === 0)
              await stream.write(position === null ? "\n" : `id: ${position}\n\n`);
            if (events.length > 0) saidAtMs = performance.now();
            const pause = new AbortController();
            const quietMs = performance.now() - saidAtMs;
            await Promise.race([woken, gone.promise, systemClock.sleep(heartbeatMs - quietMs, pause.signal)]);
            pause.abort();
            await Promise.race([gone.promise, systemClock.sleep(pauseMs(open, lookMs), stopping.signal)]);
            woken = wake.promise;
            events = look(feed);
            if (events.length === 0 && performance.now() - saidAtMs >= heartbeatMs) {
              await stream.write(": alive\n\n");
              saidAtMs = performance.now();
            }
          }
        } finally {
          end();
        }
      });
    },
  };
}
