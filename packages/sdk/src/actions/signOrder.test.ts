import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { createPublicClient, http } from "viem";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type StandInOperators, startStandInOperators } from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, type Traders } from "../../test/support/traders.ts";
import { NoMarket, UnknownChain } from "../errors/deployment.ts";
import { NotAccountOwner } from "../errors/wallet.ts";
import { parseUsd } from "../units/parseUsd.ts";
import { cancelOrder } from "./cancelOrder.ts";
import { signOrder } from "./signOrder.ts";

let operators: StandInOperators;
let traders: Traders;
const birch = devnetChain("birch");
const client = createPublicClient({ transport: http(birch.rpcUrl) });
const wanted = {
  eid: birch.eid,
  instrument: nameToId("BTC-PERP"),
  size: parseUsd("-0.5"),
  limitPrice: parseUsd("121600"),
};

beforeAll(async () => {
  const deployment = inject("deployment");
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch: 1 });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

describe("signOrder", () => {
  test("default: the digest is the contract's, and the signature the owner's", async () => {
    const { config, plimsoll, alice } = traders;
    const signed = await signOrder(config, plimsoll, wanted);
    const digest = await client.readContract({
      abi: derivativeMarketAbi,
      address: signed.market,
      functionName: "orderDigest",
      args: [signed.order],
    });
    expect(signed.digest).toBe(digest);
    const [owner] = await alice.getAccounts();
    expect(await client.verifyHash({ address: owner ?? "0x", hash: digest, signature: signed.signature })).toBe(true);
  });

  test("behavior: two equal orders are two orders", async () => {
    const { config, plimsoll } = traders;
    const [one, other] = [await signOrder(config, plimsoll, wanted), await signOrder(config, plimsoll, wanted)];
    expect(one.digest).not.toBe(other.digest);
  });

  test("error: NotAccountOwner", async () => {
    const { config, plimsoll, alice, bob } = traders;
    const [owner] = await alice.getAccounts();
    const account = makeAccountId(owner ?? "0x");
    await expect(signOrder(config, plimsoll, { ...wanted, account, connector: bob })).rejects.toThrow(NotAccountOwner);
  });

  test("error: NoMarket, UnknownChain", async () => {
    const { config, plimsoll } = traders;
    const { eid } = devnetChain("alder");
    await expect(signOrder(config, plimsoll, { ...wanted, eid })).rejects.toThrow(NoMarket);
    await expect(signOrder(config, plimsoll, { ...wanted, eid: birch.chainId })).rejects.toThrow(UnknownChain);
  });
});

describe("cancelOrder", () => {
  test("default: emits the cancellation of that order", async () => {
    const { config, plimsoll } = traders;
    const order = await signOrder(config, plimsoll, wanted);
    const receipt = await cancelOrder(config, plimsoll, { order });
    expect(receipt.logs[0]?.topics[1]).toBe(order.digest);
  });

  test("error: NotAccountOwner", async () => {
    const { config, plimsoll, bob } = traders;
    const order = await signOrder(config, plimsoll, wanted);
    await expect(cancelOrder(config, plimsoll, { order, connector: bob })).rejects.toThrow(NotAccountOwner);
  });
});
