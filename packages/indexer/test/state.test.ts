import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import type { Cut } from "@plimsoll/protocol/state";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { finalizedCut } from "../src/cut.ts";
import { stateAtCut } from "../src/state.ts";
import { feedEmitters, startTestChain, type TestChain } from "./support/chain.ts";
import { type Emission, emission } from "./support/emitter.ts";
import { accounts, assets, feedAbi, instruments, riskSetup, underlyings } from "./support/history.ts";
import { startNode, type TestNode } from "./support/node.ts";

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
  registry("UnderlyingSet", { underlying, value: { feed: feed ?? asset, feedDecimals: 18, maxAgeSeconds: 60 } });
const holds = (size: bigint, cash: bigint) =>
  emission(chain.config.contracts.consumers[0] ?? asset, derivativeMarketAbi, "PortfolioChanged", {
    ...{ account, instrument, size, cash },
  });

/** Mines a block with these logs, buries it under final ones, and gives the cut that ends with it. */
async function cutAfter(...emissions: Emission[]): Promise<Cut> {
  await chain.mine(...emissions);
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
