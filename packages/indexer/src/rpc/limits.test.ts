import { HttpRequestError, RpcRequestError } from "viem";
import { describe, expect, test } from "vitest";
import { rateLimitOf } from "./limits.ts";

const url = "https://rpc.example";
const rpcError = (code: number, message: string) => new RpcRequestError({ body: {}, url, error: { code, message } });

describe("rateLimitOf", () => {
  test.each([
    [429, "Your app has exceeded its compute units per second capacity. If you have retries enabled, ignore this."],
    [-32005, "project ID request rate exceeded"],
    [-32005, "daily request count exceeded, request rate limited"],
    [-32007, "50/second request limit reached - reduce calls per second or upgrade your account"],
    [-32005, "You've exceeded the RPS limit available on the current plan."],
    [-32016, "over rate limit"],
    [-32090, "Too many requests, reason: call rate limit exhausted, retry in 10s"],
    [-32097, "cu limit exceeded; The current RPC traffic is too high"],
    [-32000, "You have exceeded the quota usage of this plan"],
  ])("default: %i %s: requests come too fast, whatever was asked", (code, message) => {
    expect(rateLimitOf(rpcError(code, message), "eth_getLogs")).not.toBeNull();
    expect(rateLimitOf(rpcError(code, message), "eth_getBlockByNumber")).not.toBeNull();
  });

  test.each([
    [-32005, "query returned more than 10000 results"],
    [-32602, "range 1000000 exceeds limit of 10000"],
    [-32600, "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range."],
    [-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range."],
    [-32614, "eth_getLogs is limited to a 10,000 range"],
    [-32005, "block range too large, max range: 1000"],
    [-32005, "Block range limit exceeded. See more details in the documentation."],
    [-32005, "limit exceeded"],
    [-32000, "exceed maximum block range: 50000"],
    [-32000, "requested too many blocks from 1 to 9999, maximum is set to 2048"],
    [-32000, "query timeout exceeded"],
    [-32000, "logs matched by query exceeds limit of 10000"],
    [-32012, "exceeded max allowed range for this plan: 1000 requests of blocks"],
    [35, "ranges over 10000 blocks are not supported on freetier"],
    [-32000, "backend response too large"],
  ])("behavior: %i %s: logs are asked for less", (code, message) => {
    expect(rateLimitOf(rpcError(code, message), "eth_getLogs")).toBeNull();
  });

  test("behavior: a bare `limit exceeded` means requests where nothing else can be meant", () => {
    expect(rateLimitOf(rpcError(-32005, "limit exceeded"), "eth_getBlockByNumber")).not.toBeNull();
  });

  test.each([
    [-32000, "header not found"],
    [-32601, "the method eth_getBlockReceipts does not exist/is not available"],
    [3, "execution reverted"],
  ])("behavior: %i %s: no limit at all", (code, message) => {
    expect(rateLimitOf(rpcError(code, message), "eth_getBlockByNumber")).toBeNull();
  });

  test("behavior: HTTP 429 and 503, for as long as they say", () => {
    const headers = new Headers({ "retry-after": "7" });
    expect(rateLimitOf(new HttpRequestError({ url, status: 429, headers }), "eth_getLogs")).toEqual({
      retryAfterMs: 7_000,
    });
    expect(rateLimitOf(new HttpRequestError({ url, status: 503 }), "eth_getLogs")).toEqual({
      retryAfterMs: undefined,
    });
    expect(rateLimitOf(new HttpRequestError({ url, status: 413 }), "eth_getLogs")).toBeNull();
    expect(rateLimitOf(new TypeError("elsewhere"), "eth_getLogs")).toBeNull();
  });
});
