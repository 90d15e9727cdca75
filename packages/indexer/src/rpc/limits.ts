import { BaseError, HttpRequestError, RpcRequestError } from "viem";

/** Too many requests, as providers say it. A query with too many results is another thing: it is asked for less. */
const sayings = /too many requests|rate.?limit|request limit|throughput|compute units|capacity exceeded|call rate/i;
const tooMuchAtOnce =
  /block range|more than \d+ (results|logs)|too many (results|logs|blocks)|response size|query timeout|limit(ed)? to/i;
/** EIP-1474: limit exceeded. Some use it for the number of results, too. */
const limitExceeded = -32005;

/** How long to wait, milliseconds, where an error says that requests come too fast; null for every other error. */
export function rateLimitOf(error: unknown): { readonly retryAfterMs: number | undefined } | null {
  if (!(error instanceof BaseError)) return null;
  const http = error.walk((cause) => cause instanceof HttpRequestError);
  if (http instanceof HttpRequestError && (http.status === 429 || http.status === 503)) {
    const seconds = Number(http.headers?.get("retry-after") ?? Number.NaN);
    return { retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined };
  }
  const rpc = error.walk((cause) => cause instanceof RpcRequestError);
  if (!(rpc instanceof RpcRequestError)) return null;
  const said = `${rpc.details} ${rpc.shortMessage}`;
  if (tooMuchAtOnce.test(said)) return null;
  return rpc.code === 429 || rpc.code === limitExceeded || sayings.test(said) ? { retryAfterMs: undefined } : null;
}
