// Backfill: events a second into an empty SQLite file, from a local anvil and from an endpoint that answers at once from
// memory. One JSON line a figure. `node bench/indexer.ts BLOCKS EVENTS_A_BLOCK`
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { ChainConfig } from "../src/config.ts";
import { openDatabase } from "../src/database.ts";
import { startIndexer } from "../src/indexer.ts";
import { startTestChain } from "../test/support/chain.ts";
import { randomEmission, riskSetup } from "../test/support/history.ts";
import { silent } from "../test/support/node.ts";
import { seeded } from "../test/support/random.ts";

const blockCount = Number(process.argv[2] ?? 600);
const eventsABlock = Number(process.argv[3] ?? 12);
const runs = 3;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Answers what it was asked before from memory, and everything else from the true endpoint. */
async function startCache(rpcUrl: string) {
  const known = new Map<string, object>();
  const counts = { requests: 0, calls: 0 };
  const answer = async (call: Call): Promise<object> => {
    counts.calls++;
    const key = JSON.stringify([call.method, call.params]);
    const cached = known.get(key);
    if (cached !== undefined) return { ...cached, id: call.id };
    const body = JSON.stringify({ jsonrpc: "2.0", ...call });
    const response = await fetch(rpcUrl, { method: "POST", body, headers: { "content-type": "application/json" } });
    const given = (await response.json()) as object;
    known.set(key, given);
    return { ...given, id: call.id };
  };
  const server = createServer(async (request, response) => {
    counts.requests++;
    const asked: Call | Call[] = JSON.parse(await text(request));
    const body = Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked);
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, counts, stop: () => server.close() };
}

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
  Object.assign(cache.counts, { requests: 0, calls: 0 });
  await measure("backfill_cached", cache.url);
  const requests = Math.round(cache.counts.requests / runs);
  console.log(JSON.stringify({ bench: "backfill_requests", value: requests, unit: "requests", blocks: blockCount }));
} finally {
  cache.stop();
  await chain.stop();
}
