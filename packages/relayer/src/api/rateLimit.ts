import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";

/** Takes requests from one client at a time. */
export interface RateLimiter {
  /** Seconds to wait before the next may come; null when this one may. */
  take(client: string): number | null;
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
  };
}

/** Refuses a client that asks too often, before anything is looked at. */
export function limitRate(
  limiter: RateLimiter,
  clientOf: (headers: Headers, env: unknown) => string,
): MiddlewareHandler {
  return async (context, next) => {
    const waitSeconds = limiter.take(clientOf(context.req.raw.headers, context.env));
    if (waitSeconds === null) return await next();
    const seconds = Math.max(1, Math.ceil(waitSeconds));
    const hint = `Wait ${seconds} s, and ask less often; live updates under /v1/live need no polling.`;
    throw new ProblemError(429, "too-many-requests", "This address asks too often.", hint, {
      "retry-after": `${seconds}`,
    });
  };
}
