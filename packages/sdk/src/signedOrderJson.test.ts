import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SignedOrder } from "./actions/signOrder.ts";
import { MalformedOrder } from "./errors/input.ts";
import { signedOrderFromJson, signedOrderToJson } from "./signedOrderJson.ts";

const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
const signed = fc
  .record({ size: fc.bigInt(-(2n ** 127n), 2n ** 127n - 1n), limitPrice: uint64, series: uint64, salt: uint64 })
  .map(
    (order): SignedOrder => ({
      eid: 40002,
      market: `0x${"5".repeat(40)}`,
      order: {
        ...order,
        account: makeAccountId(`0x${"a".repeat(40)}`, 3n),
        instrument: nameToId("BTC-PERP"),
        expiry: 1_760_000_000n,
      },
      signature: `0x${"12".repeat(65)}`,
      digest: `0x${"34".repeat(32)}`,
    }),
  );

describe("signedOrderFromJson", () => {
  test("default: reads back what signedOrderToJson writes", () => {
    fc.assert(
      fc.property(signed, (order) => {
        expect(signedOrderFromJson(signedOrderToJson(order))).toEqual(order);
      }),
    );
  });

  test.each(["", "{}", '{"eid":"40002"}'])("error: MalformedOrder for %j", (text) => {
    expect(() => signedOrderFromJson(text)).toThrow(MalformedOrder);
  });
});
