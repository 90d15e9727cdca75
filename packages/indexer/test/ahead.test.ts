import { setTimeout as sleep } from "node:timers/promises";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startIndexer } from "../src/indexer.ts";
import { feedEmitters, startTestChain, type TestChain } from "./support/chain.ts";
import { emission } from "./support/emitter.ts";
import { feedAbi, feedTerms, randomEmission, riskSetup, underlyings } from "./support/history.ts";
import { dump, dumpFromScratch, eventually, silent, startNode } from "./support/node.ts";
import { type RpcProxy, startProxy, type Tamper } from "./support/proxy.ts";
import { type Random, seeded } from "./support/random.ts";

// What is read in several ranges at once must be, row by row, what is read in one range after the other.

let chain: TestChain;
let proxy: RpcProxy;
let truth: Record<string, string[]>;
beforeAll(async () => {
  chain = await startTestChain(40001);
  const random = seeded(5);
  await chain.mine(...riskSetup(chain.config));
  for (let block = 0; block < 60; block++) {
    await chain.mine(...Array.from({ length: random.int(4) }, () => randomEmission(random, chain.config)));
  }
  truth = await dumpFromScratch([{ ...chain.config, maxLogRange: 4, rangesAtOnce: 1 }]);
});
afterAll(() => chain.stop());
beforeEach(async () => {
  proxy = await startProxy(chain.rpcUrl);
});
afterEach(() => proxy.stop());

class Refused extends Error {}
type Block = { hash: string; logs: object[] };

/** One answer of many is wrong in some way: cut short, of another chain, missing, or refused as too much. */
function faulty(random: Random, mostBlocks: number): Tamper {
  return ({ method, params }, answer) => {
    const strikes = random.int(80) === 0;
    if (method === "eth_getLogs") {
      const { fromBlock, toBlock } = params[0] as { fromBlock?: string; toBlock?: string };
      if (Number(toBlock) - Number(fromBlock) >= mostBlocks) throw new Refused("block range is too wide");
      return strikes ? (answer as object[]).slice(1) : answer;
    }
    if (!strikes) return answer;
    if (method === "eth_getBlockReceipts") return (answer as Block[]).map((receipt) => ({ ...receipt, logs: [] }));
    if (method !== "eth_getBlockByNumber" || typeof params[0] !== "string" || !params[0].startsWith("0x"))
      return answer;
    return random.int(2) === 0 ? null : { ...(answer as Block), hash: `0x${"ef".repeat(32)}` };
  };
}

describe("a backfill of several ranges at once", () => {
  test.each([1, 2, 3])(
    "behavior: holds what one range after the other gives, with answers late, lost, limited and false (seed %i)",
    async (seed) => {
      const random = seeded(seed);
      proxy.lateMs = () => random.int(40);
      proxy.loses = () => random.int(25) === 0;
      if (seed === 3) proxy.mostPerSecond = 100;
      proxy.tamper = faulty(random, 1 + random.int(8));
      const ranges = { maxLogRange: 2 + random.int(10), rangesAtOnce: 2 + random.int(12) };
      const { database, indexer, stop } = await startNode([{ ...chain.config, ...ranges, rpcUrls: [proxy.url] }]);
      await eventually("the end", () => indexer.status()[0]?.indexed === 62);
      proxy.tamper = (_call, answer) => answer;
      await indexer.caughtUp();
      expect(dump(database)).toEqual(truth);
      await stop();
    },
  );

  test("behavior: a reorg of what was read already, or is being read, leaves nothing behind", async () => {
    const own = await startTestChain(40001);
    const random = seeded(9);
    const emissions = () => Array.from({ length: 2 }, () => randomEmission(random, own.config));
    await own.mine(...riskSetup(own.config));
    for (let block = 0; block < 30; block++) await own.mine(...emissions());
    const between = await startProxy(own.rpcUrl);
    between.lateMs = () => random.int(30);
    const finality = { depth: 12 };
    const config = { ...own.config, rpcUrls: [between.url], maxLogRange: 2, rangesAtOnce: 8, finality };
    const { database, indexer, stop } = await startNode([config]);
    for (let reorg = 0; reorg < 4; reorg++) {
      await eventually("some of it", () => (indexer.status()[0]?.indexed ?? 0) > 18 + 3 * reorg);
      await own.reorg(8, ...emissions());
    }
    await indexer.caughtUp();
    expect(dump(database)).toEqual(
      await dumpFromScratch([{ ...own.config, finality, maxLogRange: 2, rangesAtOnce: 1 }]),
    );
    await stop();
    await between.stop();
    await own.stop();
  });

  test("behavior: the history of a feed that is named late is gone on with where an endpoint failed", async () => {
    const own = await startTestChain(40001);
    const [feed] = feedEmitters;
    const registry = own.config.contracts.riskRegistry;
    if (feed === undefined || registry === null) throw new TypeError("no hub");
    const answer = (current: bigint) =>
      emission(feed, feedAbi, "AnswerUpdated", { current, roundId: current, updatedAt: current });
    for (let block = 1n; block <= 30n; block++) await own.mine(answer(block));
    const value = { ...feedTerms, feed };
    const args = { underlying: underlyings[0], version: 1, value };
    await own.mine(emission(registry, riskRegistryAbi, "UnderlyingSet", args));
    const between = await startProxy(own.rpcUrl);
    let refused = 0;
    const begun: string[] = [];
    between.tamper = ({ method, params }, truth) => {
      if (method !== "eth_getLogs") return truth;
      const { address = [], fromBlock, toBlock, blockHash } = params[0] as Record<string, string>;
      if (address.length !== 1) return truth;
      begun.push(fromBlock ?? "one block");
      if (blockHash !== undefined ? refused++ < 2 : Number(fromBlock) <= 18 && Number(toBlock) >= 18)
        throw new Refused();
      return truth;
    };
    const config = { ...own.config, rpcUrls: [between.url], maxLogRange: 4 };
    const { database, indexer, stop } = await startNode([config]);
    await indexer.caughtUp();
    expect(refused).toBeGreaterThanOrEqual(2);
    expect(begun.filter((from) => from === "0x0")).toHaveLength(1);
    expect(dump(database)).toEqual(await dumpFromScratch([{ ...own.config, rangesAtOnce: 1 }]));
    await stop();
    await between.stop();
    await own.stop();
  });

  test("behavior: stopped in the middle it asks nothing any more, and the next start goes on from there", async () => {
    proxy.lateMs = () => 15;
    const config = { ...chain.config, rpcUrls: [proxy.url], maxLogRange: 2, rangesAtOnce: 8 };
    const { database, indexer } = await startNode([config]);
    await eventually("some of it", () => (indexer.status()[0]?.indexed ?? -1) > 10);
    await indexer.stop();
    const indexed = indexer.status()[0]?.indexed ?? -1;
    const furthestAsked = () =>
      Math.max(
        ...proxy.calls.flatMap(({ method, params }) =>
          method === "eth_getLogs" ? Number((params[0] as { toBlock: string }).toBlock) : [],
        ),
      );
    expect(furthestAsked(), "read ahead").toBeGreaterThan(indexed + 2);
    expect(indexed).toBeLessThan(62);
    // What was on the wire when it stopped may still arrive.
    await sleep(500);
    const asked = proxy.calls.length;
    await sleep(500);
    expect(proxy.calls.length).toBe(asked);
    expect(furthestAsked(), "it would have read to the end by now").toBeLessThan(60);
    const again = await startIndexer({ database, chains: [chain.config], log: silent });
    await again.caughtUp();
    await again.stop();
    expect(dump(database)).toEqual(truth);
    database.close();
  });
});
