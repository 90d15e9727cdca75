import { inspect } from "node:util";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import { feedVolatilityRule } from "@plimsoll/protocol/feed-volatility-rule";
import { settlementDelaySeconds, settlementWindowSeconds } from "@plimsoll/protocol/settlement";
import type { Cut, FeedVolatility, StateAtCut } from "@plimsoll/protocol/state";
import { observeAnswer } from "@plimsoll/risk/multiplier/feed-volatility";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { finalizedCut } from "../src/cut.ts";
import { stateAtCut } from "../src/state.ts";
import { feedEmitters, startTestChain, type TestChain } from "./support/chain.ts";
import { type Emission, emission } from "./support/emitter.ts";
import {
  accounts,
  assets,
  call,
  feedAbi,
  feedTerms,
  instruments,
  randomEmission,
  riskSetup,
  underlyings,
  volatilityPolicy,
} from "./support/history.ts";
import { startNode, type TestNode } from "./support/node.ts";
import { seeded } from "./support/random.ts";

let chain: TestChain;
let node: TestNode;
beforeEach(async () => {
  chain = await startTestChain(40001);
  node = await startNode([chain.config]);
});
afterEach(async () => {
  await node.stop();
  await chain.stop();
});

const [account] = accounts;
const [asset] = assets;
const [feed] = feedEmitters;
const [instrument] = instruments;
const [underlying] = underlyings;
const address = (of: keyof TestChain["config"]["contracts"]) => chain.config.contracts[of] as typeof asset;

const registry = (name: string, args: Record<string, unknown>) =>
  emission(address("riskRegistry"), riskRegistryAbi, name, { version: 9, ...args });
const deposited = (total: bigint) =>
  emission(address("vault"), collateralVaultAbi, "Deposited", {
    ...{ account, asset, from: asset, amount: 1n, deposited: total, sequence: 1n },
  });
const answered = (current: bigint, updatedAt: bigint) =>
  emission(feed ?? asset, feedAbi, "AnswerUpdated", { current, roundId: 1n, updatedAt });
const named = () =>
  registry("UnderlyingSet", { underlying, value: { ...feedTerms, feed: feed ?? asset, feedDecimals: 18 } });
const holds = (size: bigint, cash: bigint) =>
  emission(chain.config.contracts.consumers[0] ?? asset, derivativeMarketAbi, "PortfolioChanged", {
    ...{ account, instrument, size, cash },
  });

/** Mines a block with these logs, buries it under final ones, and gives the cut that ends with it. */
async function cutAfter(...emissions: Emission[]): Promise<Cut> {
  await chain.mine(...emissions);
  return await finalized();
}

/** The same with a block of this time. */
async function cutAt(timestampSeconds: number, ...emissions: Emission[]): Promise<Cut> {
  await chain.mineAt(timestampSeconds, ...emissions);
  return await finalized();
}

async function finalized(): Promise<Cut> {
  const number = Number(await chain.client.getBlockNumber());
  for (let block = 0; block < 2; block++) await chain.mine();
  await node.indexer.caughtUp();
  const cut = finalizedCut(node.database) ?? [];
  expect(cut[0]?.number).toBe(number);
  return cut;
}

const state = (cut: Cut) => stateAtCut(node.database, 40001, cut);
const ours = (cut: Cut) => state(cut).chains.get(40001);

describe("stateAtCut", () => {
  test("default: every earlier cut keeps its own state", async () => {
    const first = await cutAfter(...riskSetup(chain.config), deposited(5n));
    const second = await cutAfter(deposited(8n), deposited(9n));
    const third = await cutAfter(deposited(12n));
    const totals = [first, second, third].map((cut) => ours(cut)?.vaultTotals.get(`${account}:${asset}`)?.deposited);
    expect(totals).toEqual([5n, 9n, 12n]);
  });

  test("behavior: a feed that answered before the registry named it has its price, in 8 decimals", async () => {
    const before = await cutAfter(...riskSetup(chain.config), answered(3_999_999_999_999_999_999n, 77n));
    const after = await cutAfter(named());
    expect(state(before).hub.prices).toEqual(new Map());
    expect(state(after).hub.prices).toEqual(new Map([[underlying, { priceE8: 399_999_999n, updatedAtSeconds: 77 }]]));
  });

  test("behavior: an answer in the very block that names the feed counts, and one that is not positive does not", async () => {
    const same = await cutAfter(
      ...riskSetup(chain.config),
      answered(10n ** 18n, 1n),
      named(),
      answered(2n * 10n ** 18n, 2n),
    );
    expect(state(same).hub.prices.get(underlying)).toEqual({ priceE8: 200_000_000n, updatedAtSeconds: 2 });
    expect(state(await cutAfter(answered(-1n, 3n))).hub.prices.size).toBe(0);
  });

  test("behavior: all answers of a feed tell its volatility, each cut up to itself", async () => {
    const answers = [100n, 103n, 90n, -1n, 95n].map(
      (price, i) => [price * 10n ** 18n, BigInt(1_000 + 400 * i)] as const,
    );
    let folded: FeedVolatility | undefined;
    const states = answers.map(([current, at]) => {
      folded = observeAnswer(folded, { priceE8: current, updatedAtSeconds: Number(at) }, feedVolatilityRule);
      return folded;
    });
    const cuts = [await cutAfter(...riskSetup(chain.config), named(), answered(...(answers[0] ?? [0n, 0n])))];
    for (const answer of answers.slice(1)) cuts.push(await cutAfter(answered(...answer)));
    expect(cuts.map((cut) => state(cut).hub.volatility.get(underlying))).toEqual(states);
  });

  test("behavior: what the registry was told of dated instruments is the state's", async () => {
    const terms = { basisRate: -3n, discountRate: 4n, atTheMoney: 60_000_000n, skew: -5n, curvature: 6n };
    const cut = await cutAfter(
      ...riskSetup(chain.config),
      registry("VolatilityPolicySet", { underlying, value: volatilityPolicy }),
      registry("ExpirySet", { underlying, expiry: call.expiry, value: terms }),
      registry("InstrumentSet", { instrument, value: { ...call, underlying } }),
      registry("FundingSet", { instrument, value: { capBps: 10, windowSeconds: 3600, turnoverBps: 100 } }),
    );
    const { volatility, expiries, instruments: listed, funding } = state(cut).hub.risk;
    const { referenceVolatility: referenceVolatilityE8, stressedVolatility, ...bounds } = volatilityPolicy;
    expect(volatility.get(underlying)).toEqual({
      ...bounds,
      referenceVolatilityE8,
      stressedVolatilityE8: stressedVolatility,
    });
    expect(expiries.get(underlying)?.get(2_000_000_000)).toEqual({
      ...{ basisRateE8: -3n, discountRateE8: 4n, atTheMoneyE8: 60_000_000n, skewE8: -5n, curvatureE8: 6n },
      setAtSeconds: cut[0]?.timestampSeconds,
    });
    expect(listed.get(instrument)).toMatchObject({ kind: "call", strikeE8: 10n ** 9n, expirySeconds: 2_000_000_000 });
    expect(funding.get(instrument)).toEqual({ capBps: 10, windowSeconds: 3600, turnoverBps: 100 });
  });

  test("behavior: an expiry settles at its window's average, whatever is said or registered afterwards", async () => {
    const [first] = await cutAfter(...riskSetup(chain.config), named(), answered(10n ** 20n, 1n));
    const start = (first?.timestampSeconds ?? 0) + 1_000;
    const expirySeconds = start + settlementWindowSeconds;
    const before = await cutAt(
      start,
      registry("InstrumentSet", { instrument, value: { ...call, underlying, expiry: BigInt(expirySeconds) } }),
    );
    const inside = await cutAt(start + 600, answered(4n * 10n ** 20n, 2n));
    const after = await cutAt(expirySeconds + 1, answered(10n ** 21n, 3n));
    const final = await cutAt(expirySeconds + settlementDelaySeconds + 1);
    await chain.mine(
      registry("UnderlyingSet", { underlying, value: { ...feedTerms, feed: feedEmitters[1] ?? asset } }),
      answered(10n ** 21n, 4n),
    );
    const later = await cutAt(expirySeconds + 1_000);
    const average = (cut: Cut) => state(cut).hub.averages.get(underlying)?.get(expirySeconds);
    // A third of the window at 100, two thirds at 400.
    const whole = { priceSecondsE8: 540_000n * 10n ** 8n, seconds: settlementWindowSeconds };
    expect(average(before)).toBeUndefined();
    expect(average(inside)).toEqual({ priceSecondsE8: 60_000n * 10n ** 8n, seconds: 600, settlementE8: null });
    expect(average(after)).toEqual({ ...whole, settlementE8: null });
    expect(average(final)).toEqual({ ...whole, settlementE8: 300n * 10n ** 8n });
    expect(average(later)).toEqual(average(final));
  });

  test("behavior: an account that closed everything is gone from the portfolios", async () => {
    const open = await cutAfter(...riskSetup(chain.config), holds(5n, -3n));
    const cashOnly = await cutAfter(holds(0n, 2n));
    const closed = await cutAfter(holds(0n, 0n));
    const portfolio = (cut: Cut) => ours(cut)?.portfolios.values().next().value?.get(account);
    expect(portfolio(open)).toEqual({ cash: -3n, positions: new Map([[instrument, 5n]]) });
    expect(portfolio(cashOnly)).toEqual({ cash: 2n, positions: new Map() });
    expect(portfolio(closed)).toBeUndefined();
    expect(ours(closed)?.portfolios.size).toBe(1);
  });

  test("error: RiskRegistryNotReadyError until scenarios and margin parameters are set", async () => {
    const cut = await cutAfter(deposited(1n));
    expect(() => state(cut)).toThrow(expect.objectContaining({ code: "risk-registry-not-ready" }));
  });

  test("error: CutNotIndexedError and CutConflictError for blocks that were not read, or are not ours", async () => {
    const cut = await cutAfter(...riskSetup(chain.config));
    const [block] = cut;
    if (block === undefined) throw new TypeError("no block");
    expect(() => state([])).toThrow(expect.objectContaining({ code: "cut-not-indexed" }));
    expect(() => state([{ ...block, number: 999 }])).toThrow(expect.objectContaining({ code: "cut-not-indexed" }));
    for (const lie of [{ hash: account }, { timestampSeconds: 1 }]) {
      expect(() => state([{ ...block, ...lie }])).toThrow(expect.objectContaining({ code: "cut-conflict" }));
      expect(() => finalizedCut(node.database, [{ ...block, ...lie }])).toThrow(
        expect.objectContaining({ code: "cut-conflict" }),
      );
    }
  });

  test("error: ContractNotFollowedError when the registry names what the configuration does not", async () => {
    const before = await cutAfter(...riskSetup(chain.config));
    const after = await cutAfter(registry("ConsumerSet", { eid: 40001, consumer: asset, active: true }));
    expect(() => state(before)).not.toThrow();
    expect(() => state(after)).toThrow(expect.objectContaining({ code: "contract-not-followed" }));
  });
});

describe("finalizedCut", () => {
  test("behavior: never goes behind the cut before, even where this node has not come as far", async () => {
    const cut = await cutAfter(...riskSetup(chain.config));
    const ahead = cut.map((block) => ({ ...block, number: block.number + 50 }));
    expect(finalizedCut(node.database, ahead)).toEqual(ahead);
    expect(finalizedCut(node.database, cut)).toEqual(cut);
  });
});

describe("stateAtCut, from what is known", () => {
  test("behavior: gives the same as without, whatever happened in between, also on blocks that are gone", async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seeded(seed);
    await chain.mine(...riskSetup(chain.config));
    const states: StateAtCut[] = [];
    const compared = { kept: 0, read: 0 };
    for (let step = 0; step < 40; step++) {
      const emissions = Array.from({ length: random.int(4) }, () => randomEmission(random, chain.config));
      if (random.int(5) === 0 && step > 3) await chain.reorg(1, ...emissions);
      else await chain.mine(...emissions);
      await node.indexer.caughtUp();
      const { number, hash, timestamp } = await chain.client.getBlock();
      const head = { eid: 40001, number: Number(number), hash, timestampSeconds: Number(timestamp) };
      const plain = stateAtCut(node.database, 40001, [head]);
      for (const known of states.slice(-6)) {
        const quick = stateAtCut(node.database, 40001, [head], known);
        expect(inspectAll(quick), `seed ${seed}, step ${step}`).toBe(inspectAll(plain));
        const same = quick.chains.get(40001)?.vaultTotals === known.chains.get(40001)?.vaultTotals;
        compared[same ? "kept" : "read"]++;
      }
      states.push(plain);
    }
    expect(compared.kept).toBeGreaterThan(0);
    expect(compared.read).toBeGreaterThan(0);
  });
});

/** Unlike an assertion of equality it tells maps in another order. */
const inspectAll = (value: unknown) =>
  inspect(value, { depth: Number.POSITIVE_INFINITY, maxArrayLength: Number.POSITIVE_INFINITY });
