import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import type { Address, Hex } from "viem";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { feedEmitters, startTestChain, type TestChain } from "./support/chain.ts";
import { emission } from "./support/emitter.ts";
import { feedAbi, feedTerms, underlyings } from "./support/history.ts";
import { dump, dumpFromScratch, eventually, startNode, type TestNode } from "./support/node.ts";
import { type RpcProxy, startProxy } from "./support/proxy.ts";

// A feed that the configuration speaks of is read beside the index, so that nothing has to wait when it is named.

const folder = mkdtempSync(join(tmpdir(), "indexer-upcoming-feeds-"));
afterAll(() => rmSync(folder, { recursive: true }));

let chain: TestChain;
let proxy: RpcProxy;
let [feed, other]: Address[] = [];
const [underlying, otherUnderlying] = underlyings as unknown as readonly [Hex, Hex];
/** Histories are given up to here. */
let given: number;
const finalDepth = 3;

beforeEach(async () => {
  chain = await startTestChain(40001, { finality: { depth: finalDepth } });
  [feed, other] = feedEmitters;
  for (let block = 1n; block <= 30n; block++) await chain.mine(answer(feedOf(block), block));
  proxy = await startProxy(chain.rpcUrl);
  given = Number.POSITIVE_INFINITY;
  proxy.tamper = ({ method, params }, truth) => {
    const { address = [], toBlock } = (params[0] ?? {}) as Record<string, string | string[]>;
    const isHistory = method === "eth_getLogs" && [address].flat().every((each) => [feed, other].includes(each as Hex));
    // A single block is asked for by its hash.
    if (isHistory && Number(toBlock ?? Number.POSITIVE_INFINITY) > given) throw new Refused();
    return truth;
  };
});
afterEach(async () => {
  await proxy.stop();
  await chain.stop();
});

class Refused extends Error {}

const feedOf = (block: bigint): Address => (block % 3n === 0n ? other : feed) ?? expect.unreachable();

function answer(of: Address | undefined, current: bigint) {
  const args = { current, roundId: current, updatedAt: current };
  return emission(of ?? expect.unreachable(), feedAbi, "AnswerUpdated", args);
}

function naming(of: Address | undefined, as: Hex) {
  const registry = chain.config.contracts.riskRegistry ?? expect.unreachable();
  const value = { ...feedTerms, feed: of };
  return emission(registry, riskRegistryAbi, "UnderlyingSet", { underlying: as, version: 1, value });
}

/** Numbers of the blocks whose headers were asked for, since the calls were last forgotten. */
const asked = () =>
  proxy.calls.flatMap(({ method, params }) => {
    const number = method === "eth_getBlockByNumber" ? Number(params[0]) : Number.NaN;
    return Number.isNaN(number) ? [] : [number];
  });

function forgetCalls(): void {
  proxy.calls.length = 0;
}

const node = (feeds: readonly (Address | undefined)[], path?: string) =>
  startNode(
    [
      {
        ...{ ...chain.config, rpcUrls: [proxy.url], maxLogRange: 4, rangesAtOnce: 1 },
        upcomingFeeds: feeds.flatMap((each) => each ?? []),
      },
    ],
    path,
  );

const upcoming = ({ indexer }: TestNode) => indexer.status()[0]?.upcomingFeeds ?? [];
const areRead = (of: TestNode) => eventually("histories", () => upcoming(of).every(({ isRead }) => isRead));

async function mineUntilFinal(of: TestNode): Promise<void> {
  for (let block = 0; block <= finalDepth; block++) await chain.mine();
  await of.indexer.caughtUp();
}

async function expectState({ database }: TestNode): Promise<void> {
  expect(dump(database)).toEqual(await dumpFromScratch([{ ...chain.config, rangesAtOnce: 1 }]));
}

test("behavior: a feed is read while new blocks are indexed, and of its naming only the blocks since", async () => {
  given = 11;
  const here = await node([feed]);
  await eventually("what is given", () => upcoming(here)[0]?.readTo === given);
  for (let block = 31n; block <= 33n; block++) await chain.mine(answer(feed, block));
  await here.indexer.caughtUp();
  expect(here.indexer.status()[0]).toMatchObject({ lagBlocks: 0, ok: true, feedsReadTo: null });
  expect(upcoming(here)).toEqual([{ feed, readTo: given, isRead: false }]);

  given = Number.POSITIVE_INFINITY;
  await areRead(here);
  const { readTo = -1 } = upcoming(here)[0] ?? {};
  expect(readTo).toBeGreaterThan(20);
  forgetCalls();
  await chain.mine(answer(feed, 40n), naming(feed, underlying));
  await here.indexer.caughtUp();
  expect(Math.min(...asked())).toBeGreaterThan(readTo);
  expect(upcoming(here)).toEqual([]);
  await mineUntilFinal(here);
  await expectState(here);
  await here.stop();
});

test("behavior: a node that is restarted goes on with it, and forgets it once the configuration does", async () => {
  const path = join(folder, "restarted.sqlite");
  given = 11;
  const before = await node([feed], path);
  await eventually("what is given", () => upcoming(before)[0]?.readTo === given);
  await before.stop();
  forgetCalls();
  given = Number.POSITIVE_INFINITY;
  const after = await node([feed], path);
  await areRead(after);
  expect(Math.min(...asked())).toBe(12);
  await after.stop();
  const without = await node([], path);
  await without.indexer.caughtUp();
  await expectState(without);
  await without.stop();
});

test("behavior: a feed is named before its history is read: only the rest of it has to be waited for", async () => {
  given = 11;
  const here = await node([feed]);
  await eventually("what is given", () => upcoming(here)[0]?.readTo === given);
  forgetCalls();
  // The one is at it while the other begins.
  given = Number.POSITIVE_INFINITY;
  await chain.mine(naming(feed, underlying));
  await here.indexer.caughtUp();
  expect(Math.min(...asked())).toBeGreaterThan(11);
  await mineUntilFinal(here);
  await expectState(here);
  await here.stop();
});

test("behavior: a second feed catches up with the first, and stays when that one is named", async () => {
  const path = join(folder, "two.sqlite");
  const before = await node([feed], path);
  await areRead(before);
  await before.stop();
  const after = await node([feed, other], path);
  await areRead(after);
  await chain.mine(naming(feed, underlying));
  await after.indexer.caughtUp();
  expect(upcoming(after)).toEqual([expect.objectContaining({ feed: other, isRead: true })]);
  await mineUntilFinal(after);
  await areRead(after);
  const { readTo = -1 } = upcoming(after)[0] ?? {};
  forgetCalls();
  await chain.mine(naming(other, otherUnderlying));
  await after.indexer.caughtUp();
  expect(Math.min(...asked())).toBeGreaterThan(readTo);
  await mineUntilFinal(after);
  await expectState(after);
  await after.stop();
});

test("behavior: a naming that a reorg takes back and brings again has nothing old read again", async () => {
  const here = await node([feed]);
  await areRead(here);
  const { readTo = -1 } = upcoming(here)[0] ?? {};
  await chain.mine(naming(feed, underlying));
  await here.indexer.caughtUp();
  forgetCalls();
  await chain.reorg(1, answer(feed, 41n));
  await here.indexer.caughtUp();
  expect(upcoming(here)).toHaveLength(1);
  await chain.mine(naming(feed, underlying));
  await here.indexer.caughtUp();
  expect(upcoming(here)).toEqual([]);
  expect(Math.min(...asked())).toBeGreaterThan(readTo);
  await mineUntilFinal(here);
  await expectState(here);
  await here.stop();
});
