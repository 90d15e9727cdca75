import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import type { Address, Hex } from "viem";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { feedEmitters, startTestChain, type TestChain } from "./support/chain.ts";
import { emission } from "./support/emitter.ts";
import { feedAbi, feedTerms, underlyings } from "./support/history.ts";
import { dump, dumpFromScratch, eventually, startNode } from "./support/node.ts";
import { type RpcProxy, startProxy } from "./support/proxy.ts";

// A feed that is named late is read from the chain's start, which takes hours where a chain is long. Nodes are restarted
// meanwhile, and the newest block may be replaced.

const folder = mkdtempSync(join(tmpdir(), "indexer-late-feed-"));
afterAll(() => rmSync(folder, { recursive: true }));

let chain: TestChain;
let proxy: RpcProxy;
let feed: Address;
/** The first block of every range that was read of the feed's history. */
let begun: number[];
/** The feed's history is given up to here. */
let given: number;
beforeEach(async () => {
  chain = await startTestChain(40001);
  const [emitter] = feedEmitters;
  if (emitter === undefined) throw new TypeError("no feed");
  feed = emitter;
  for (let block = 1n; block <= 30n; block++) await chain.mine(answer(block));
  proxy = await startProxy(chain.rpcUrl);
  begun = [];
  given = Number.POSITIVE_INFINITY;
  proxy.tamper = ({ method, params }, truth) => {
    const { address = [], fromBlock, toBlock } = (params[0] ?? {}) as Record<string, string>;
    if (method !== "eth_getLogs" || address.length !== 1) return truth;
    if (Number(toBlock) > given) throw new Refused();
    if (fromBlock !== undefined) begun.push(Number(fromBlock));
    return truth;
  };
});
afterEach(async () => {
  await proxy.stop();
  await chain.stop();
});

class Refused extends Error {}

const answer = (current: bigint) =>
  emission(feed, feedAbi, "AnswerUpdated", { current, roundId: current, updatedAt: current });

function naming(underlying: Hex, of: Address) {
  const registry = chain.config.contracts.riskRegistry;
  if (registry === null) throw new TypeError("no hub");
  const value = { ...feedTerms, feed: of };
  return emission(registry, riskRegistryAbi, "UnderlyingSet", { underlying, version: 1, value });
}

const config = () => ({ ...chain.config, rpcUrls: [proxy.url], maxLogRange: 4, rangesAtOnce: 1 });
const fromScratch = () => dumpFromScratch([{ ...chain.config, rangesAtOnce: 1 }]);

describe("a feed that is named late", () => {
  test("behavior: a node that is restarted goes on with its history, and has it whole", async () => {
    const path = join(folder, "restarted.sqlite");
    for (let block = 31n; block <= 33n; block++) await chain.mine(answer(block));
    await chain.mine(naming(underlyings[0], feed));
    given = 18;
    const before = await startNode([config()], path);
    await eventually("most of it", () => before.indexer.status()[0]?.feedsReadTo === 15);
    const { indexed = 0, head = 0 } = before.indexer.status()[0] ?? {};
    expect(head - indexed).toBe(4);
    await before.stop();

    begun.length = 0;
    given = Number.POSITIVE_INFINITY;
    // In shorter ranges: the next one to be written does not name it yet.
    const after = await startNode([{ ...config(), maxLogRange: 2 }], path);
    await after.indexer.caughtUp();
    expect(Math.min(...begun)).toBe(16);
    expect(after.indexer.status()[0]?.feedsReadTo).toBeNull();
    expect(dump(after.database)).toEqual(await fromScratch());
    await after.stop();
  });

  test("behavior: the newest block is replaced meanwhile, and only what lies behind the fork is read again", async () => {
    const { database, indexer, stop } = await startNode([config()]);
    await indexer.caughtUp();
    await chain.mine(naming(underlyings[0], feed));
    given = 26;
    await eventually("most of it", () => indexer.status()[0]?.feedsReadTo === 23);
    begun.length = 0;
    await chain.reorg(1, answer(40n), naming(underlyings[0], feed));
    given = Number.POSITIVE_INFINITY;
    await indexer.caughtUp();
    expect(begun).not.toContain(0);
    expect(dump(database)).toEqual(await fromScratch());
    await stop();
  });

  test("behavior: another one is named before its history is read: its own is read too, and both are whole", async () => {
    const path = join(folder, "two.sqlite");
    const [, other] = feedEmitters;
    const [first, second] = underlyings;
    if (other === undefined || second === undefined) throw new TypeError("no other feed");
    await chain.mine(naming(first, feed));
    given = 18;
    const before = await startNode([{ ...config(), maxLogRange: 3 }], path);
    await eventually("some of it", () => (before.indexer.status()[0]?.feedsReadTo ?? 0) > 8);
    await before.stop();
    await chain.mine(emission(other, feedAbi, "AnswerUpdated", { current: 9n, roundId: 9n, updatedAt: 9n }));
    await chain.mine(naming(second, other));
    given = Number.POSITIVE_INFINITY;
    const after = await startNode([config()], path);
    await after.indexer.caughtUp();
    expect(dump(after.database)).toEqual(await fromScratch());
    await after.stop();
  });
});
