import { type Chain, startAnvil } from "@plimsoll/devnet/chains/anvil";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { createPublicClient, type Hex, http, numberToHex } from "viem";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Misbehaviour, misbehaviour, type RpcFaultKind } from "../src/rpc/misbehave.ts";
import { type RpcProxy, startRpcProxy } from "../src/rpc/proxy.ts";

// Endpoints that misbehave, in front of a real anvil.

const route = { operator: 0, chain: "alder", endpoint: 1 };
const other = { operator: 1, chain: "alder", endpoint: 1 };
const finalityDepth = 2;
let anvil: Chain;
let proxy: RpcProxy;
let drawn = 0;

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  anvil = await startAnvil({ name: "alder", eid: 1, chainId: 7, port, hub: true, vault: true, market: true });
  proxy = await startRpcProxy(new Map([["alder", anvil.rpcUrl]]), () => drawn);
  const [from = "0x"] = await anvil.client.getAddresses();
  // A constructor that logs.
  await anvil.client.sendTransaction({ account: from, chain: null, data: "0x60006000a000" });
  await anvil.client.mine({ blocks: 5 });
});
afterAll(async () => {
  await proxy.stop();
  await anvil.stop();
});
beforeEach(() => proxy.misbehave(route, null));

const clientOf = (of = route) =>
  createPublicClient({ transport: http(proxy.urlOf(of), { retryCount: 0 }), cacheTime: 0 });

async function begin(kind: RpcFaultKind): Promise<Misbehaviour> {
  const wrong = misbehaviour(kind, { head: await proxy.headOf("alder"), finalityDepth });
  proxy.misbehave(route, wrong);
  return wrong;
}

test("default: the truth, alone and in batches", async () => {
  expect(await clientOf().getBlockNumber()).toBe(await anvil.client.getBlockNumber());
  const calls = ["eth_chainId", "eth_blockNumber"].map((method, id) => ({ jsonrpc: "2.0", id, method, params: [] }));
  const response = await fetch(proxy.urlOf(route), { method: "POST", body: JSON.stringify(calls) });
  expect(await response.json()).toMatchObject([
    { id: 0, result: "0x7" },
    { id: 1, result: numberToHex(await anvil.client.getBlockNumber()) },
  ]);
});

test("behavior: one endpoint misbehaves, and the others do not", async () => {
  const logs = await anvil.client.getLogs({ fromBlock: 0n });
  expect(logs).toHaveLength(1);
  await begin("rpc-empty-logs");
  expect(await clientOf().getLogs({ fromBlock: 0n })).toEqual([]);
  expect(await clientOf(other).getLogs({ fromBlock: 0n })).toEqual(logs);
  proxy.misbehave(route, null);
  expect(await clientOf().getLogs({ fromBlock: 0n })).toEqual(logs);
});

test("behavior: a stale endpoint stands still in all that it says", async () => {
  const head = await anvil.client.getBlockNumber();
  await begin("rpc-stale");
  const [from = "0x"] = await anvil.client.getAddresses();
  const hash = await anvil.client.sendTransaction({ account: from, chain: null, data: "0x60006000a000" });
  await anvil.client.mine({ blocks: 2 });
  const client = clientOf();
  expect(await client.getBlockNumber()).toBe(head);
  expect((await client.getBlock()).number).toBe(head);
  expect((await client.getBlock({ blockTag: "finalized" })).number).toBe(head - BigInt(finalityDepth));
  await expect(client.getBlock({ blockNumber: head + 1n })).rejects.toThrow();
  await expect(client.getTransactionReceipt({ hash })).rejects.toThrow();
  expect(await client.getLogs({ fromBlock: 0n, toBlock: "latest" })).toHaveLength(1);
  expect(await client.getTransactionCount({ address: from })).toBe(1);
  expect(await clientOf(other).getTransactionCount({ address: from })).toBe(2);
});

test("behavior: false hashes make a chain, and stop short of what is final", async () => {
  await begin("rpc-wrong-hash");
  const head = await anvil.client.getBlockNumber();
  const hashes = async (client: ReturnType<typeof clientOf>) => {
    const blocks: { hash: Hex; parentHash: Hex }[] = [];
    for (let number = head - 3n; number <= head; number++) {
      const { hash, parentHash } = await client.getBlock({ blockNumber: number });
      blocks.push({ hash, parentHash });
    }
    return blocks;
  };
  const [lies, truth] = [await hashes(clientOf()), await hashes(clientOf(other))];
  expect(lies.map(({ hash }, index) => hash === truth[index]?.hash)).toEqual([true, true, false, false]);
  for (const [index, { parentHash }] of lies.entries()) {
    if (index > 0) expect(parentHash).toBe(lies[index - 1]?.hash);
  }
});

test("behavior: dropped and delayed", async () => {
  const { dropShare } = await begin("rpc-drop");
  drawn = dropShare - 0.01;
  await expect(clientOf().getBlockNumber()).rejects.toThrow();
  drawn = dropShare + 0.01;
  expect(await clientOf().getBlockNumber()).toBe(await anvil.client.getBlockNumber());
  const { delayMs } = await begin("rpc-delay");
  const startedMs = performance.now();
  await clientOf().getBlockNumber();
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(delayMs - 5);
});
