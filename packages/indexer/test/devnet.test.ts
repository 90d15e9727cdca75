import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { operatorRegistryAbi } from "@plimsoll/contracts/abi/OperatorRegistry";
import { replayFeedAbi } from "@plimsoll/contracts/abi/ReplayFeed";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { type Devnet, startDevnet } from "@plimsoll/devnet/devnet";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { provable } from "@plimsoll/protocol/proofs";
import type { StateAtCut } from "@plimsoll/protocol/state";
import { transition } from "@plimsoll/protocol/transition/transition";
import { type Address, parseUnits } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountCollateral, accountPortfolios, listAccounts, postedEpochs } from "../src/accounts.ts";
import { finalizedCut } from "../src/cut.ts";
import { listMessages } from "../src/messages.ts";
import { installedOperatorSet, operatorSetAt } from "../src/operators.ts";
import { stateAtCut } from "../src/state.ts";
import { deposit, devnetConfig, on, post, trade } from "./support/devnet.ts";
import { dump, dumpFromScratch, eventually, startNode, type TestNode } from "./support/node.ts";

let devnet: Devnet;
let node: TestNode;
const names = ["alder", "birch", "cedar"] as const;
const instrument = nameToId("BTC-PERP");
beforeAll(async () => {
  const [alder = 0, birch = 0, cedar = 0] = await freePorts(3);
  devnet = await startDevnet({ ports: [alder, birch, cedar] });
  node = await startNode(devnetConfig(devnet));
});
afterAll(async () => {
  await node?.stop();
  await devnet?.stop();
});

/** The state at the newest finalized cut in which something has happened. */
async function stateWhen(what: string, happened: (state: StateAtCut) => boolean): Promise<StateAtCut> {
  let state: StateAtCut | undefined;
  await eventually(what, () => {
    const cut = finalizedCut(node.database);
    state = cut === null ? undefined : stateAtCut(node.database, on(devnet, "birch").eid, cut);
    return state !== undefined && happened(state);
  });
  if (state === undefined) throw new TypeError("no state");
  return state;
}

/** Every value of a state, asked of the contracts at the blocks of its cut. */
async function expectAsOnChain(state: StateAtCut): Promise<void> {
  const { hub } = state;
  const { client, contracts } = on(devnet, "birch");
  const at = (eid: number) => ({ blockNumber: BigInt(state.chains.get(eid)?.block.number ?? 0) });
  const registry = { ...at(hub.eid), address: contracts.riskRegistry ?? "0x", abi: riskRegistryAbi } as const;
  expect(hub.risk.version).toBe(await client.readContract({ ...registry, functionName: "version" }));
  const scenarios = await client.readContract({ ...registry, functionName: "scenarioSet" });
  expect(hub.risk.scenarios).toEqual(scenarios);
  expect(hub.prices.size).toBe(3);
  for (const [id, { priceE8, updatedAtSeconds }] of hub.prices) {
    const feed = { ...at(hub.eid), address: hub.risk.underlyings.get(id)?.feed ?? "0x", abi: replayFeedAbi } as const;
    const [, answer, , updatedAt] = await client.readContract({ ...feed, functionName: "latestRoundData" });
    expect([priceE8, updatedAtSeconds]).toEqual([answer, Number(updatedAt)]);
  }
  for (const name of names) {
    const chain = on(devnet, name);
    const ours = state.chains.get(chain.eid);
    const [vault] = [chain.contracts.vault];
    for (const [key, totals] of ours?.vaultTotals ?? []) {
      const args = key.split(":") as [`0x${string}`, Address];
      const call = { ...at(chain.eid), address: vault ?? "0x", abi: collateralVaultAbi, args } as const;
      const [deposited, withdrawn] = await chain.client.readContract({ ...call, functionName: "totals" });
      const requestedTotal = await chain.client.readContract({ ...call, functionName: "requestedTotal" });
      expect(totals).toEqual({ deposited, withdrawn, requestedTotal });
      const reported = await client.readContract({
        ...{ ...at(hub.eid), address: contracts.ledger ?? "0x", abi: collateralLedgerAbi, functionName: "totals" },
        args: [chain.eid, ...args],
      });
      const ledger = hub.ledger.get(chain.eid)?.get(key) ?? { deposited: 0n, withdrawn: 0n };
      expect([ledger.deposited, ledger.withdrawn]).toEqual(reported);
    }
    for (const [consumer, portfolios] of ours?.portfolios ?? []) {
      const market = { ...at(chain.eid), address: consumer, abi: derivativeMarketAbi } as const;
      for (const [account, { cash, positions }] of portfolios) {
        expect(cash).toBe(await chain.client.readContract({ ...market, functionName: "cash", args: [account] }));
        const held = await chain.client.readContract({ ...market, functionName: "instruments", args: [account] });
        expect([...positions.keys()].sort()).toEqual([...held].sort());
        for (const [id, size] of positions) {
          const args = [account, id] as const;
          expect(size).toBe(await chain.client.readContract({ ...market, functionName: "position", args }));
        }
      }
    }
    const attestations = {
      ...at(chain.eid),
      address: chain.contracts.attestations,
      abi: solvencyAttestationsAbi,
    } as const;
    const newest = await chain.client.readContract({ ...attestations, functionName: "newest" }).catch(() => null);
    expect(ours?.postedEpoch ?? null).toBe(newest === null ? null : Number(newest[0]));
  }
}

describe("the devnet, indexed", () => {
  test("default: the state at a cut is what the contracts say at its blocks, from a deposit to a trade", async () => {
    const { alice, maker } = devnet.accounts;
    const { hub: _, ...before } = await stateWhen("the registry", () => true);
    expect([...before.chains.values()].every(({ vaultTotals }) => vaultTotals.size === 0)).toBe(true);

    const { account, asset } = await deposit(devnet, "alder", alice.address, "USDC", parseUnits("500000", 6));
    await deposit(devnet, "birch", maker.address, "USDC", parseUnits("900000", 6));
    await deposit(devnet, "birch", maker.address, "WETH", parseUnits("20", 18));
    const alder = on(devnet, "alder").eid;
    const funded = await stateWhen("the credit", ({ hub }) => {
      return (
        hub.ledger.get(alder)?.has(`${account}:${asset.toLowerCase() as Address}`) === true && hub.ledger.size === 2
      );
    });
    await expectAsOnChain(funded);
    expect(listMessages(node.database, { account })).toMatchObject([{ status: "delivered", srcEid: alder }]);
    expect(accountCollateral(node.database, account)).toMatchObject([{ inFlight: 0n, deposited: 500_000_000_000n }]);

    const issuedAt = funded.chains.get(funded.hub.eid)?.block.timestampSeconds ?? 0;
    const input = { epoch: 1, operatorSetId: 1, issuedAt, state: funded, earlier: [] };
    const { epoch } = transition(input);
    const proofs = provable(epoch);
    for (const name of names) await post(devnet, name, epoch, proofs);
    await stateWhen("the posts", ({ chains }) => [...chains.values()].every(({ postedEpoch }) => postedEpoch === 1));
    const order = { instrument, sizeE8: 10n ** 7n, priceE8: parseUnits("121554.55", 8) };
    await trade(devnet, "cedar", proofs, [maker, alice], order);
    await on(devnet, "alder").send(
      alice.address,
      on(devnet, "alder").contracts.vault,
      collateralVaultAbi,
      "requestWithdrawal",
      [account, asset, 1_000_000n],
    );
    await devnet.feeds.setPrices({ BTC: parseUnits("120000", 8), ETH: parseUnits("4300", 8) });
    const traded = await stateWhen("the trade", ({ chains, hub }) => {
      const portfolios = [...(chains.get(on(devnet, "cedar").eid)?.portfolios.values() ?? [])];
      const requested = [...(chains.get(alder)?.vaultTotals.values() ?? [])].some((row) => row.requestedTotal > 0n);
      const priced = hub.prices.get(nameToId("BTC"))?.priceE8 === parseUnits("120000", 8);
      return portfolios.some((accounts) => accounts.size === 2) && requested && priced;
    });
    await expectAsOnChain(traded);
    expect(traded.chains.get(on(devnet, "cedar").eid)?.portfolios.values().next().value?.get(account)).toEqual({
      cash: -1_215_545_500_000n,
      positions: new Map([[instrument, 10n ** 7n]]),
    });

    expect(stateAtCut(node.database, funded.hub.eid, funded.cut)).toEqual(funded);
    await expectAsOnChain(stateAtCut(node.database, funded.hub.eid, funded.cut));
    expect([...postedEpochs(node.database).values()].map(([newest]) => newest?.epoch)).toEqual([1, 1, 1]);
    expect(listAccounts(node.database)).toEqual([alice, maker].map(({ address }) => makeAccountId(address)).sort());
    expect(accountPortfolios(node.database, account)).toMatchObject([{ positions: [{ instrument, size: 10n ** 7n }] }]);
  });

  test("behavior: the operator set is the registry's, and its broadcast is a message of nobody's account", async () => {
    const { client, contracts } = on(devnet, "birch");
    const current = await client.readContract({
      ...{ address: contracts.operatorRegistry ?? "0x", abi: operatorRegistryAbi, functionName: "current" },
    });
    const set = { ...current, members: current.members.map((member) => member.toLowerCase()) };
    expect(operatorSetAt(node.database, finalizedCut(node.database) ?? [])).toEqual(set);
    expect(installedOperatorSet(node.database, on(devnet, "cedar").eid)).toEqual(set);
    const broadcasts = listMessages(node.database).filter(({ account }) => account === null);
    expect(broadcasts.map(({ status }) => status)).toEqual(["delivered", "delivered"]);
  });

  test("behavior: a fresh index over the same chains holds the same", async () => {
    await Promise.all(devnet.chains.map(({ client }) => client.setIntervalMining({ interval: 0 })));
    await node.indexer.caughtUp();
    expect(dump(node.database)).toEqual(await dumpFromScratch(devnetConfig(devnet)));
  });
});
