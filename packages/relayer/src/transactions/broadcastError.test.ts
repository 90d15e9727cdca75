import { BaseError, HttpRequestError, RpcRequestError } from "viem";
import { describe, expect, test } from "vitest";
import { broadcastErrorOf } from "./broadcastError.ts";

const said = (message: string) =>
  new RpcRequestError({ body: {}, url: "http://127.0.0.1", error: { code: -32000, message } });

describe("broadcastErrorOf", () => {
  test.each([
    ["already known", "accepted"],
    ["AlreadyKnown", "accepted"],
    ["transaction already imported", "accepted"],
    ["nonce too low: next nonce 5, tx nonce 4", "nonce-too-low"],
    ["OldNonce, Current nonce: 12, nonce of rejected tx: 11", "nonce-too-low"],
    ["replacement transaction underpriced", "underpriced"],
    ["ReplacementNotAllowed", "underpriced"],
    ["max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1, baseFee: 7", "underpriced"],
    ["Gas price below configured minimum gas price", "underpriced"],
    ["insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1", "funds"],
    ["Upfront cost exceeds account balance", "funds"],
    ["intrinsic gas too low: gas 20000, minimum needed 21000", "rejected"],
    ["exceeds block gas limit", "rejected"],
  ])("default: %s", (message, meaning) => {
    expect(broadcastErrorOf(said(message))).toBe(meaning);
    expect(broadcastErrorOf(new BaseError("wrapped", { cause: said(message) }))).toBe(meaning);
  });

  test.each([["rate limit exceeded"], ["internal error"], ["the method eth_sendRawTransaction does not exist"]])(
    "behavior: %s says nothing about the transaction",
    (message) => {
      expect(broadcastErrorOf(said(message))).toBeNull();
    },
  );

  test("behavior: neither does silence", () => {
    expect(broadcastErrorOf(new HttpRequestError({ url: "http://127.0.0.1", details: "fetch failed" }))).toBeNull();
    expect(broadcastErrorOf(new TypeError("nonce too low"))).toBeNull();
  });
});
