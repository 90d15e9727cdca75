import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accountCollateral } from "../src/accounts.ts";
import { checkBlock, finalizedCut, isFinalized } from "../src/cut.ts";
import { openDatabase, resetChain } from "../src/database.ts";
import { startIndexer } from "../src/indexer.ts";
import { startTestChain, type TestChain } from "./support/chain.ts";
import { emission } from "./support/emitter.ts";
import { accounts, assets, randomEmission, riskSetup } from "./support/history.ts";
import { dump, dumpFromScratch, eventually, silent, startNode } from "./support/node.ts";
import { seeded } from "./support/random.ts";

let chain: TestChain;
beforeEach(async () => {
  chain = await startTestChain(40001);
});
afterEach(() => chain.stop());

const deposit = (deposited: bigint) =>
  emission(chain.config.contracts.vault ?? assets[0], collateralVaultAbi, "Deposited", {
    ...{ account: accounts[0], asset: assets[0], from: assets[0], amount: 1n, deposited, sequence: 1n },
  });

const deposited = (database: ReturnType<typeof openDatabase>) => accountCollateral(database, accounts[0])[0]?.deposited;

describe("a reorg", () => {
  test("default: replaced blocks leave nothing behind", async () => {
    const { database, indexer, stop } = await startNode([chain.config]);
    await chain.mine(deposit(5n));
    for (let block = 0; block < 3; block++) await chain.mine();
    await chain.mine(deposit(7n));
    await indexer.caughtUp();
    expect(deposited(database)).toBe(7n);

    await chain.reorg(2);
    await indexer.caughtUp();
    expect(deposited(database)).toBe(5n);
    expect(dump(database)).toEqual(await dumpFromScratch([chain.config]));

    await chain.reorg(1, deposit(6n));
    await indexer.caughtUp();
    expect(deposited(database)).toBe(6n);
    expect(dump(database)).toEqual(await dumpFromScratch([chain.config]));
    await stop();
  });

  test("behavior: what is finalized stays, and is told from what is not", async () => {
    const { database, indexer, stop } = await startNode([chain.config]);
    for (let block = 0; block < 4; block++) await chain.mine();
    await indexer.caughtUp();
    const [final] = finalizedCut(database) ?? [];
    if (final === undefined) throw new TypeError("no cut");
    expect(final.number).toBe(3);
    expect(isFinalized(database, final)).toBe(true);
    const head = await chain.client.getBlock({ blockNumber: 5n });
    const newest = { eid: 40001, number: 5, hash: head.hash ?? "0x", timestampSeconds: Number(head.timestamp) };
    expect(checkBlock(database, newest)).toBe("canonical");
    expect(isFinalized(database, newest)).toBe(false);
    await chain.reorg(1, deposit(1n));
    await indexer.caughtUp();
    expect(checkBlock(database, newest)).toBe("conflict");
    expect(checkBlock(database, { ...newest, number: 99 })).toBe("unknown");
    expect(finalizedCut(database)?.[0]?.number).toBe(3);
    await stop();
  });

  test("error: FinalityViolatedError when a final block is replaced; nothing is rewound, restarts do not forget", async () => {
    const { database, indexer } = await startNode([chain.config]);
    await chain.mine(deposit(5n));
    for (let block = 0; block < 4; block++) await chain.mine();
    await indexer.caughtUp();
    const before = finalizedCut(database);
    expect(before).not.toBeNull();

    await chain.reorg(5, deposit(1000n));
    await eventually("the halt", () => indexer.status()[0]?.halted === true);
    expect(indexer.status()[0]).toMatchObject({ ok: false, problem: expect.stringContaining("finalized block") });
    expect(finalizedCut(database)).toBeNull();
    expect(deposited(database)).toBe(5n);
    await indexer.stop();

    const again = await startIndexer({ database, chains: [chain.config], log: silent });
    await expect(again.caughtUp()).rejects.toMatchObject({ code: "finality-violated" });
    expect(again.status()[0]?.halted).toBe(true);
    await again.stop();

    resetChain(database, chain.config.eid);
    const anew = await startIndexer({ database, chains: [chain.config], log: silent });
    await anew.caughtUp();
    expect(anew.status()[0]).toMatchObject({ ok: true, halted: false });
    expect(dump(database)).toEqual(await dumpFromScratch([chain.config]));
    await anew.stop();
    database.close();
  });
});

describe("a node that lives through reorgs and restarts", () => {
  test.each([1, 2, 3])("behavior: holds what a fresh index holds (seed %i)", async (seed) => {
    const random = seeded(seed);
    const database = openDatabase(":memory:");
    const start = (maxLogRange: number) =>
      startIndexer({ database, chains: [{ ...chain.config, maxLogRange }], log: silent });
    let indexer = await start(5);
    await chain.mine(...riskSetup(chain.config));
    for (let round = 0; round < 80; round++) {
      const emissions = Array.from({ length: random.int(5) }, () => randomEmission(random, chain.config));
      const head = Number(await chain.client.getBlockNumber());
      const finalized = finalizedCut(database)?.[0]?.number ?? 0;
      // Only what this node does not yet take for final may be replaced, or it would rightly halt.
      const depth = Math.min(2, head - Math.max(finalized, 2));
      const choice = random.int(10);
      if (choice < 3 && depth > 0) await chain.reorg(1 + random.int(depth), ...emissions);
      else await chain.mine(...emissions);
      if (choice === 9) {
        await indexer.stop();
        indexer = await start(1 + random.int(20));
      }
      if (random.int(2) === 0) await indexer.caughtUp();
    }
    await indexer.caughtUp();
    const held = dump(database);
    await indexer.stop();
    database.close();
    expect(Object.values(held).flat().length).toBeGreaterThan(100);
    expect(held).toEqual(await dumpFromScratch([chain.config]));
  });
});
