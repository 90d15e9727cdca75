// Backfill: events a second into an empty SQLite file, from a local anvil and from an endpoint that answers at once from
// memory. One JSON line a figure. `node bench/indexer.ts BLOCKS EVENTS_A_BLOCK`
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChainConfig } from "../src/config.ts";
import { openDatabase } from "../src/database.ts";
import { startIndexer } from "../src/indexer.ts";
import { startCache } from "../test/support/cache.ts";
import { startTestChain } from "../test/support/chain.ts";
import { randomEmission, riskSetup } from "../test/support/history.ts";
import { silent } from "../test/support/node.ts";
import { seeded } from "../test/support/random.ts";

const blockCount = Number(process.argv[2] ?? 600);
const eventsABlock = Number(process.argv[3] ?? 12);
const runs = 3;

async function backfill(config: ChainConfig): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "indexer-bench-"));
  const database = openDatabase(join(folder, "node.sqlite"));
  try {
    const started = performance.now();
    const indexer = await startIndexer({ database, chains: [config], log: silent });
    await indexer.caughtUp();
    const seconds = (performance.now() - started) / 1000;
    await indexer.stop();
    return seconds;
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

const chain = await startTestChain(40001);
const cache = await startCache(chain.rpcUrl);
try {
  const random = seeded(3);
  await chain.mine(...riskSetup(chain.config));
  for (let block = 1; block < blockCount; block++) {
    await chain.mine(...Array.from({ length: eventsABlock }, () => randomEmission(random, chain.config)));
  }
  const events = (blockCount - 1) * eventsABlock;
  const fields = { unit: "events/s", blocks: blockCount, events };
  const measure = async (bench: string, rpcUrl: string) => {
    const seconds: number[] = [];
    for (let run = 0; run < runs; run++) seconds.push(await backfill({ ...chain.config, rpcUrls: [rpcUrl] }));
    const median = seconds.sort((a, b) => a - b)[1] ?? 0;
    console.log(JSON.stringify({ bench, value: Math.round(events / median), ...fields }));
  };
  await measure("backfill_anvil", chain.rpcUrl);
  await backfill({ ...chain.config, rpcUrls: [cache.url] });
  cache.requests = 0;
  await measure("backfill_cached", cache.url);
  const requests = Math.round(cache.requests / runs);
  console.log(JSON.stringify({ bench: "backfill_requests", value: requests, unit: "requests", blocks: blockCount }));
} finally {
  cache.stop();
  await chain.stop();
}
