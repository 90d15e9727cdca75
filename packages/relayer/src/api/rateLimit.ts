import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";
import { threadMs } from "./threadMs.ts";

/** Takes requests from one client at a time. */
export interface RateLimiter {
  /** Seconds to wait before the next may come; null when this one may. */
  take(client: string): number | null;
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
  return {
    take(client) {
      const now = nowMs();
      const known = buckets.get(client);
      const tokens =
        known === undefined ? burst : Math.min(burst, known.tokens + ((now - known.atMs) / 1000) * perSecond);
      buckets.delete(client);
      if (buckets.size >= mostClients) {
        // The one that was quiet for longest: its bucket is the fullest.
        const [oldest] = buckets.keys();
        if (oldest !== undefined) buckets.delete(oldest);
      }
      const left = tokens >= 1 ? tokens - 1 : tokens;
      buckets.set(client, { tokens: left, atMs: now });
      return tokens >= 1 ? null : (1 - tokens) / perSecond;
    },
    charge(client, requests) {
      const bucket = buckets.get(client);
      if (bucket !== undefined) bucket.tokens -= requests;
    },
  };
}

/** Time of this thread, in milliseconds, that a request may take and counts as one: one that takes longer counts as more. */
const requestMs = 5;

/**
 * Refuses a client that asks too often, before anything is looked at. What is dear counts as several requests, so that no
 * choice of route or parameters gives one client more of the node's time than its rate of cheap ones would.
 *
 * @param usedMs what this thread has worked so far.
 */
export function limitRate(
  limiter: RateLimiter,
  clientOf: (headers: Headers, env: unknown) => string,
  usedMs: () => number = threadMs,
): MiddlewareHandler {
  return async (context, next) => {
    const client = clientOf(context.req.raw.headers, context.env);
    const waitSeconds = limiter.take(client);
    if (waitSeconds === null) {
      const startMs = usedMs();
      await next();
      return limiter.charge(client, Math.max(0, (usedMs() - startMs) / requestMs - 1));
    }
    const seconds = Math.max(1, Math.ceil(waitSeconds));
    const hint = `Wait ${seconds} s, and ask less often; live updates under /v1/live need no polling.`;
    throw new ProblemError(429, "too-many-requests", "This address asks too often.", hint, {
      "retry-after": `${seconds}`,
    });
  };
}
