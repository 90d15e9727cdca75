import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import type { CutBlock } from "@plimsoll/protocol/state";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { premiumAbi } from "../src/decode/consumer.ts";
import { stateAtCut } from "../src/state.ts";
import { feedEmitters, startTestChain, type TestChain } from "./support/chain.ts";
import { type Emission, emission } from "./support/emitter.ts";
import {
  accounts,
  assets,
  feedAbi,
  feedTerms,
  instruments,
  perpetual,
  riskSetup,
  underlyings,
} from "./support/history.ts";
import { startNode, type TestNode } from "./support/node.ts";
import { seeded } from "./support/random.ts";

const [asset] = assets;
const [instrument] = instruments;
const [underlying] = underlyings;
const [feed = asset] = feedEmitters;
const oneUsd = 10n ** 8n;
const [hubEid, marketEid] = [40001, 40002];

let hub: TestChain;
let other: TestChain;
let node: TestNode;
beforeEach(async () => {
  [hub, other] = await Promise.all([startTestChain(hubEid), startTestChain(marketEid, { hub: false })]);
  node = await startNode([hub.config, other.config]);
});
afterEach(async () => {
  await node.stop();
  await Promise.all([hub.stop(), other.stop()]);
});

const registry = (name: string, args: Record<string, unknown>) =>
  emission(hub.config.contracts.riskRegistry ?? asset, riskRegistryAbi, name, { version: 9, ...args });
const answered = (price: bigint) =>
  emission(feed, feedAbi, "AnswerUpdated", { current: price * oneUsd, roundId: 1n, updatedAt: 1n });
const marketOf = (chain: TestChain) => chain.config.contracts.consumers[0] ?? asset;
const sampled = (chain: TestChain, premiumSeconds: bigint, premium: bigint, volume: bigint) =>
  emission(marketOf(chain), premiumAbi, "PremiumSampled", {
    ...{ instrument, premiumSeconds, premium, volume: volume * oneUsd },
  });
const holds = (chain: TestChain, account: (typeof accounts)[number], size: bigint) =>
  emission(marketOf(chain), derivativeMarketAbi, "PortfolioChanged", {
    ...{ account, instrument, size: size * oneUsd, cash: 1n },
  });
const consumer = (chain: TestChain, active: boolean) =>
  registry("ConsumerSet", { eid: chain.eid, consumer: marketOf(chain), active });
const terms = (windowSeconds: number, capBps = 100, turnoverBps = 0) =>
  registry("FundingSet", { instrument, value: { capBps, windowSeconds, turnoverBps } });
const setup = () => [
  ...riskSetup(hub.config),
  registry("UnderlyingSet", { underlying, value: { ...feedTerms, feed } }),
  registry("InstrumentSet", { instrument, value: { ...perpetual, underlying } }),
  consumer(hub, true),
  consumer(other, true),
  answered(1_000n),
];

/** The blocks that both chains end with, once this node has read them. */
async function heads(): Promise<CutBlock[]> {
  await node.indexer.caughtUp();
  return await Promise.all([hub.newest(), other.newest()]);
}

const indexAt = (cut: readonly CutBlock[], of: TestNode = node) =>
  stateAtCut(of.database, hubEid, cut).hub.fundingIndex.get(instrument);
/** A time on the grid of all windows used here, ahead of both chains. */
const startSeconds = async () => Math.ceil((Number((await hub.client.getBlock()).timestamp) + 100) / 3_600) * 3_600;

describe("the funding index", () => {
  test("default: longs pay the average premium of a window, markets by their volume, the running window in part", async () => {
    const start = await startSeconds();
    await hub.mineAt(start, ...setup(), terms(600));
    await hub.mineAt(start + 10, sampled(hub, 0n, 200_000n, 300n));
    await other.mineAt(start + 10, sampled(other, 0n, -200_000n, 100n));
    const inside = [await hub.mineAt(start + 310), await other.mineAt(start + 310)];
    const after = [await hub.mineAt(start + 601), await other.mineAt(start + 601)];
    await node.indexer.caughtUp();
    // 0.2 % for 300 of 310 s on three quarters of the volume, less the same on one quarter: 0.0968 % of 1,000, 310 of 600 s of it.
    expect(indexAt(inside)).toBe(49_999_900n);
    // 590 of 600 s, and nothing was filled in the second after.
    expect(indexAt(after)).toBe(98_333_000n);
  });

  test("behavior: less than the registered turnover moves it by less, and never by more than the cap", async () => {
    const start = await startSeconds();
    const [first, second] = accounts;
    await hub.mineAt(start, ...setup(), terms(600, 1, 1_000), holds(hub, first, 5n), holds(hub, second ?? first, -5n));
    await hub.mineAt(start + 1, sampled(hub, 0n, 500_000n, 100n));
    await Promise.all([hub.mineAt(start + 600), other.mineAt(start + 600)]);
    // The cap is 0.01 %, 10 cents; 100 dollars of the 500 that a tenth of the open interest is were filled.
    expect(indexAt(await heads())).toBe(2_000_000n);
  });

  test("behavior: a chain that lags is put right once its cut has come past", async () => {
    const start = await startSeconds();
    await hub.mineAt(start, ...setup(), terms(600));
    const behind = await other.mineAt(start + 5);
    const ahead = await hub.mineAt(start + 700);
    await other.mineAt(start + 100, sampled(other, 0n, 100_000n, 10n));
    const caughtUp = await other.mineAt(start + 701);
    await node.indexer.caughtUp();
    expect(indexAt([ahead, behind])).toBe(0n);
    expect(indexAt([ahead, caughtUp])).toBe(83_333_000n);
    // Asked again, as it was: what a cut says hangs on nothing but the cut.
    expect(indexAt([ahead, behind])).toBe(0n);
  });

  test("behavior: a market that was not registered in a window, or is inactive, tells no premium in it", async () => {
    const start = await startSeconds();
    await hub.mineAt(start, ...setup(), consumer(hub, false), terms(600));
    await hub.mineAt(start + 1, sampled(hub, 0n, 100_000n, 10n));
    await hub.mineAt(start + 602, consumer(hub, true));
    await Promise.all([hub.mineAt(start + 900), other.mineAt(start + 900)]);
    // Nothing filled since either.
    expect(indexAt(await heads())).toBe(0n);
  });

  test.each([1, 2, 3])("behavior: the same at a cut, whatever cuts were asked about before (seed %i)", async (seed) => {
    const random = seeded(seed);
    const start = await startSeconds();
    await hub.mineAt(start, ...setup(), terms(300));
    const others = [await other.mineAt(start)];
    const totals = [
      { premium: 0n, volume: 0n },
      { premium: 0n, volume: 0n },
    ];
    const something = (chain: TestChain, total = { premium: 0n, volume: 0n }): Emission[] => {
      total.premium += BigInt(random.int(20_000_000) - 10_000_000);
      total.volume += BigInt(random.int(1_000));
      const sample = sampled(chain, total.premium, BigInt(random.int(1_000_000) - 500_000), total.volume);
      const change = holds(chain, random.pick(accounts), BigInt(random.int(20) - 10));
      return [sample, change].slice(random.int(2));
    };
    const cuts: [CutBlock, CutBlock][] = [];
    let seconds = start;
    for (let round = 0; round < 40; round++) {
      seconds += 1 + random.int(150);
      if (random.int(3) > 0) others.push(await other.mineAt(seconds, ...something(other, totals[0])));
      const told = something(hub, totals[1]);
      if (random.int(4) === 0) told.push(answered(900n + BigInt(random.int(200))));
      if (random.int(8) === 0) told.push(terms(120 + 60 * random.int(5), random.int(200), random.int(500)));
      if (random.int(8) === 0) told.push(consumer(other, random.int(2) === 0));
      const block = await hub.mineAt(seconds, ...told);
      const behind = others.at(-1 - random.int(Math.min(4, others.length)));
      if (behind) cuts.push([block, behind]);
    }
    await node.indexer.caughtUp();
    const values = cuts.map((cut) => indexAt(cut));
    expect(new Set(values).size).toBeGreaterThan(10);
    // Backwards, by the same node and by one that has seen none of them.
    expect([...cuts].reverse().map((cut) => indexAt(cut))).toEqual([...values].reverse());
    const fresh = await startNode([hub.config, other.config]);
    await fresh.indexer.caughtUp();
    expect([...cuts].reverse().map((cut) => indexAt(cut, fresh))).toEqual([...values].reverse());
    await fresh.stop();
  });
});
