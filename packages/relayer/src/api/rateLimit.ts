import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";
import { threadMs } from "./threadMs.ts";

/** Takes requests from one client at a time. */
export interface RateLimiter {
  /**
   * Seconds to wait before the next may come; null when this one may.
   *
   * @param spared what has to be left afterwards, from 0 to 1 of the burst.
   */
  take(client: string, spared?: number): number | null;
  /** What a client has left, from 1 (or from less than nothing) of the burst. */
  left(client: string): number;
  /** Takes from what the client has left, down to less than nothing, what its request cost beyond the first. */
  charge(client: string, requests: number): void;
}

/** Clients remembered at most. A full bucket need not be remembered. */
const mostClients = 10_000;

/**
 * A token bucket a client: `burst` requests at once, then `perSecond`.
 *
 * @param nowMs a clock that does not go back.
 */
export function createRateLimiter(options: {
  readonly perSecond: number;
  readonly burst: number;
  readonly nowMs: () => number;
}): RateLimiter {
  const { perSecond, burst, nowMs } = options;
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  const tokensOf = (client: string, now: number): number => {
    const known = buckets.get(client);
    return known === undefined ? burst : Math.min(burst, known.tokens + ((now - known.atMs) / 1000) * perSecond);
  };
  return {
    left: (client) => tokensOf(client, nowMs()) / burst,
    take(client, spared = 0) {
      const now = nowMs();
      const tokens = tokensOf(client, now);
      const needed = 1 + spared * burst;
      buckets.delete(client);
      if (buckets.size >= mostClients) {
        // The one that was quiet for longest: its bucket is the fullest.
        const [oldest] = buckets.keys();
        if (oldest !== undefined) buckets.delete(oldest);
      }
      const left = tokens >= needed ? tokens - 1 : tokens;
      buckets.set(client, { tokens: left, atMs: now });
      return tokens >= needed ? null : (needed - tokens) / perSecond;
    },
    charge(client, requests) {
      const bucket = buckets.get(client);
      if (bucket !== undefined) bucket.tokens -= requests;
    },
  };
}

/** Time of this thread, in milliseconds, that a request may take and counts as one: one that takes longer counts as more. */
const requestMs = 5;
/** What all clients together may take of this thread, on average and at once, and what each request takes at least. */
const everybodys = { share: 0.5, burstMs: 2_000, leastMs: 0.5 };
const all = "everybody";

/** As how many requests a time of this thread counts, beyond the first. */
export const requestsIn = (ms: number, eachMs = requestMs): number => Math.max(0, ms / eachMs - 1);

/** One bucket for everybody: however many ask, the larger part of this thread is left for what the node is there for. */
export const limitOfEverybody = (nowMs: () => number): RateLimiter =>
  createRateLimiter({
    perSecond: (everybodys.share * 1_000) / everybodys.leastMs,
    burst: everybodys.burstMs / everybodys.leastMs,
    nowMs,
  });

/**
 * Refuses a client that asks too often, before anything is looked at. What is dear counts as several requests, so that no
 * choice of route or parameters gives one client more of the node's time than its rate of cheap ones would.
 *
 * @param usedMs what this thread has worked so far.
 * @param everybody of which half is spared for those who have used less than half of their own: whoever asks much leaves
 * room for those who ask little.
 */
export function limitRate(
  limiter: RateLimiter,
  clientOf: (headers: Headers, env: unknown) => string,
  usedMs: () => number = threadMs,
  everybody?: RateLimiter,
): MiddlewareHandler {
  return async (context, next) => {
    const client = clientOf(context.req.raw.headers, context.env);
    refuse(limiter.take(client), "This address asks too often.");
    refuse(everybody?.take(all, limiter.left(client) < 0.5 ? 0.5 : 0) ?? null, "Too much is asked by all together.");
    const startMs = usedMs();
    await next();
    const tookMs = usedMs() - startMs;
    limiter.charge(client, requestsIn(tookMs));
    everybody?.charge(all, requestsIn(tookMs, everybodys.leastMs));
  };
}

/** @throws ProblemError unless there is nothing to wait for. */
function refuse(waitSeconds: number | null, why: string): void {
  if (waitSeconds === null) return;
  const seconds = Math.max(1, Math.ceil(waitSeconds));
  const hint = `Wait ${seconds} s, and ask less often; live updates under /v1/live need no polling.`;
  throw new ProblemError(429, "too-many-requests", why, hint, { "retry-after": `${seconds}` });
}
