import { expect, test } from "vitest";
import { ArgumentInvalid } from "../errors.ts";
import type { TransactionBatch } from "../transactions.ts";
import { deployConsumer, parseConsumer } from "./consumers.ts";

const address = "0x1111111111111111111111111111111111111111";
const deployed: string[] = [];
const batch = {
  deploy(name: string) {
    deployed.push(name);
    return address;
  },
} as unknown as TransactionBatch;
const surroundings = { attestations: address, addresses: new Map([["USDC", address] as const]) } as const;

test("default: a chain, a contract, and what its constructor takes", () => {
  expect(parseConsumer("birch=CreditLine,USDC,bob")).toEqual({
    chain: "birch",
    contract: "CreditLine",
    args: ["USDC", "bob"],
  });
  expect(parseConsumer("cedar=Mine")).toEqual({ chain: "cedar", contract: "Mine", args: [] });
});

test.each(["birch", "birch=", "=CreditLine", "birch=CreditLine,", "birch=../x"])(
  "error: ArgumentInvalid, %s",
  (text) => {
    expect(() => parseConsumer(text)).toThrow(ArgumentInvalid);
  },
);

test("behavior: names stand for addresses and instruments", () => {
  deployConsumer(batch, parseConsumer("cedar=SingleFuture,BTC-MONTH"), surroundings);
  deployConsumer(batch, parseConsumer(`birch=CreditLine,USDC,${address}`), surroundings);
  expect(deployed).toEqual(["SingleFuture", "CreditLine"]);
});

test.each(["cedar=Nothing", "cedar=SingleFuture", "birch=CreditLine,USDC,nobody"])(
  "error: ArgumentInvalid, %s",
  (text) => {
    expect(() => deployConsumer(batch, parseConsumer(text), surroundings)).toThrow(ArgumentInvalid);
  },
);
