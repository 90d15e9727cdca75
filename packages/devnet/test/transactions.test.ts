import { parseGwei } from "viem";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { developmentAccounts } from "../src/accounts.ts";
import { type Chain, startAnvil } from "../src/chains/anvil.ts";
import { NonceTaken, TransactionFailed } from "../src/errors.ts";
import { startBatch } from "../src/transactions.ts";
import { chainsOnFreePorts } from "./support/ports.ts";

const { alice, bob, maker } = developmentAccounts(1);
/** Creation code: leaves one byte, 0xfe, as the contract. */
const oneByte = "0x60fe60005360016000f3";
const reverting = "0x60006000fd";
let chain: Chain;

beforeAll(async () => {
  const [plan] = await chainsOnFreePorts();
  if (plan) chain = await startAnvil(plan);
});

afterAll(() => chain?.stop());

describe("a batch of transactions", () => {
  test("default: contracts are where they were said to be", async () => {
    const batch = await startBatch(chain, alice.address);
    const addresses = Array.from({ length: 40 }, () => batch.deploy("OneByte", oneByte));
    await batch.settle();
    const codes = await Promise.all(addresses.map((address) => chain.client.getCode({ address })));
    expect(new Set(codes)).toEqual(new Set(["0xfe"]));
  });

  test("error: TransactionFailed names the contract and the chain, and the rest is there", async () => {
    const batch = await startBatch(chain, bob.address);
    const before = batch.deploy("Before", oneByte);
    batch.deploy("Broken", reverting);
    const after = batch.deploy("After", oneByte);
    const failure = await batch.settle().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransactionFailed);
    expect(String(failure)).toMatch(/Broken.*alder/);
    expect(await chain.client.getCode({ address: before })).toBe("0xfe");
    expect(await chain.client.getCode({ address: after })).toBe("0xfe");
  });

  test("error: NonceTaken, when something else sends from the account meanwhile", async () => {
    const { client } = chain;
    await client.setAutomine(false);
    const batch = await startBatch(chain, maker.address);
    batch.deploy("Replaced", oneByte);
    await expect.poll(async () => (await client.getTxpoolStatus()).pending).toBe(1);
    const replacement = { account: maker.address, chain: null, to: bob.address, nonce: 0 } as const;
    await client.sendTransaction({
      ...replacement,
      maxFeePerGas: parseGwei("50"),
      maxPriorityFeePerGas: parseGwei("9"),
    });
    const failure = batch.settle().catch((error: unknown) => error);
    await client.mine({ blocks: 1 });
    expect(await failure).toBeInstanceOf(NonceTaken);
    await client.setAutomine(true);
  });
});
