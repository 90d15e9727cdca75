import fc from "fast-check";
import type { Address } from "viem";
import { expect, test } from "vitest";
import { idToName, makeAccountId, nameToId, ownerOf, parseAccountId, parseAddress, subAccountOf } from "./account.ts";
import { MalformedAccountId, MalformedAddress, MalformedName, SubAccountOutOfRange } from "./errors.ts";

const owner: Address = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";

test("default: owner, then sub-account", () => {
  const account = makeAccountId(owner, 5n);
  expect(account).toBe("0x90f79bf6eb2c4f870365e785982e1f101e93b906000000000000000000000005");
  expect([ownerOf(account), subAccountOf(account)]).toEqual([owner.toLowerCase(), 5n]);
});

test("behavior: every account comes apart into what it was made of", () => {
  const digits = fc.stringMatching(/^[0-9a-fA-F]{40}$/);
  fc.assert(
    fc.property(digits, fc.bigInt({ min: 0n, max: (1n << 96n) - 1n }), (address, subAccount) => {
      const account = makeAccountId(`0x${address}`, subAccount);
      expect(parseAccountId(account.toUpperCase().replace("0X", "0x"))).toBe(account);
      expect([ownerOf(account), subAccountOf(account)]).toEqual([`0x${address.toLowerCase()}`, subAccount]);
    }),
  );
});

test("behavior: names of instruments", () => {
  expect(nameToId("BTC-PERP")).toBe(`0x4254432d50455250${"00".repeat(24)}`);
  expect(idToName(nameToId("BTC-PERP"))).toBe("BTC-PERP");
  expect(idToName(`0x${"00".repeat(32)}`)).toBe(`0x${"00".repeat(32)}`);
});

test("error: MalformedAddress, MalformedAccountId, SubAccountOutOfRange, MalformedName", () => {
  expect(() => parseAddress("0x12")).toThrow(MalformedAddress);
  expect(() => makeAccountId("0xzz")).toThrow(MalformedAddress);
  expect(() => parseAccountId(owner)).toThrow(MalformedAccountId);
  expect(() => makeAccountId(owner, 1n << 96n)).toThrow(SubAccountOutOfRange);
  expect(() => nameToId("a name far longer than thirty-two bytes")).toThrow(MalformedName);
});
