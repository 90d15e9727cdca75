import { BaseError, HttpRequestError, RpcRequestError } from "viem";

// What providers answer when they are asked for too much, as their documentation and public reports have it. No two say it
// in the same way, and some use one code for two things.

/** Too many requests. */
const tooOften =
  /too many requests|rate.?limit|(request|call) rate|rate exceeded|request (count|limit)|throughput|compute units|\bcu limit|capacity (limit )?exceeded|\brps\b|(requests?|calls?) ?(per|\/) ?(s|m|d)|quota|max usage/i;
/** Too many blocks, results or bytes in one answer: it is asked for less. */
const tooMuchAtOnce =
  /blocks? (range|span|distance)|range is too|too large|too wide|(exceeds?|maximum|max|allowed|limited to an?) .*\brange|range .*(exceeds?|limit)|more than [\d,]+ (results|logs|blocks)|too many (results|logs|blocks)|response size|query timeout|limited to (a |an )?[\d,.]+ block/i;
/** EIP-1474: limit exceeded. Some use it for requests, some for results, some for both. */
const limitExceeded = -32005;

/**
 * How long to wait, milliseconds, where an error says that requests come too fast; null for every other error. A query of
 * logs that is too large is another thing, and so is `limit exceeded` of such a query, where nothing is said of requests.
 */
export function rateLimitOf(error: unknown, method: string): { readonly retryAfterMs: number | undefined } | null {
  if (!(error instanceof BaseError)) return null;
  const http = error.walk((cause) => cause instanceof HttpRequestError);
  if (http instanceof HttpRequestError && (http.status === 429 || http.status === 503)) {
    const seconds = Number(http.headers?.get("retry-after") ?? Number.NaN);
    return { retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined };
  }
  const rpc = error.walk((cause) => cause instanceof RpcRequestError);
  if (!(rpc instanceof RpcRequestError)) return null;
  const said = `${rpc.details} ${rpc.shortMessage}`;
  const isOfLogs = method === "eth_getLogs";
  if (isOfLogs && tooMuchAtOnce.test(said)) return null;
  const isLimit = rpc.code === 429 || tooOften.test(said) || (rpc.code === limitExceeded && !isOfLogs);
  return isLimit ? { retryAfterMs: undefined } : null;
}
