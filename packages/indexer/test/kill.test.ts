import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChainConfig } from "../src/config.ts";
import { openDatabase } from "../src/database.ts";
import { readCheckpoint } from "../src/store/checkpoint.ts";
import { startTestChain, type TestChain } from "./support/chain.ts";
import { randomEmission, riskSetup } from "./support/history.ts";
import { dump, dumpFromScratch, startNode } from "./support/node.ts";
import { type RpcProxy, startProxy } from "./support/proxy.ts";
import { seeded } from "./support/random.ts";

const folder = mkdtempSync(join(tmpdir(), "indexer-kill-"));
let chain: TestChain;
let proxy: RpcProxy;
let config: ChainConfig;
beforeAll(async () => {
  chain = await startTestChain(40001);
  proxy = await startProxy(chain.rpcUrl);
  config = { ...chain.config, rpcUrls: [proxy.url], maxLogRange: 3 };
  const random = seeded(11);
  // So that answers overtake each other, and a killed node has some under way.
  proxy.lateMs = () => random.int(30);
  await chain.mine(...riskSetup(chain.config));
  for (let block = 0; block < 20; block++) {
    await chain.mine(randomEmission(random, chain.config), randomEmission(random, chain.config));
  }
});
afterAll(async () => {
  await proxy.stop();
  await chain.stop();
  rmSync(folder, { recursive: true });
});

async function indexUntilKilled(path: string, dieAtBlock: number): Promise<NodeJS.Signals | null> {
  const script = fileURLToPath(import.meta.resolve("./support/child.ts"));
  const child = spawn(process.execPath, [script, path, JSON.stringify([config]), `${dieAtBlock}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [, signal] = await once(child, "exit");
  return signal;
}

describe("a node killed in the middle of a transaction", () => {
  test("default: loses that transaction and nothing else", async () => {
    const path = join(folder, "node.sqlite");
    for (const block of [4, 13]) {
      expect(await indexUntilKilled(path, block)).toBe("SIGKILL");
      const database = openDatabase(path);
      const indexed = readCheckpoint(database, config.eid)?.indexedNumber ?? -1;
      expect(indexed).toBeLessThan(block);
      const blocks = database.sqlite.prepare("SELECT number FROM blocks ORDER BY number").pluck().all();
      expect(blocks).toEqual(Array.from({ length: indexed + 1 }, (_, number) => number));
      const newest = database.sqlite.prepare("SELECT max(from_block) FROM vault_totals").pluck().get();
      expect(Number(newest)).toBeLessThanOrEqual(indexed);
      database.close();
    }
    const { database, indexer, stop } = await startNode([config], path);
    await indexer.caughtUp();
    expect(dump(database)).toEqual(await dumpFromScratch([{ ...chain.config, rangesAtOnce: 1 }]));
    await stop();
  });
});
