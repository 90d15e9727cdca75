// Backfill: how many events a second a node reads, decodes, proves and stores, from a local anvil and from a cache that
// answers what anvil answered before. One JSON line a figure.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { openDatabase } from "../src/database.ts";
import { startIndexer } from "../src/indexer.ts";
import { startTestChain } from "../test/support/chain.ts";
import { randomEmission, riskSetup } from "../test/support/history.ts";
import { silent } from "../test/support/node.ts";
import { seeded } from "../test/support/random.ts";

const blocks = 400;
const eventsPerBlock = 20;

const chain = await startTestChain(40001);
const cache = new Map<string, string>();
const cached = createServer(async (request, response) => {
  const asked = JSON.parse(await text(request)) as Call | Call[];
  const answered = Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked);
  response.setHeader("content-type", "application/json").end(JSON.stringify(answered));
}).listen(0, "127.0.0.1");

try {
  const random = seeded(1);
  await chain.mine(...riskSetup(chain.config));
  for (let block = 0; block < blocks; block++) {
    await chain.mine(...Array.from({ length: eventsPerBlock }, () => randomEmission(random, chain.config)));
  }
  await backfill("backfill from a local anvil", chain.rpcUrl);
  const address = cached.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  await backfill(null, url);
  await backfill("backfill from cached responses", url);
} finally {
  cached.close();
  await chain.stop();
}
process.exit();

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params?: readonly unknown[];
}

async function answer({ id, ...call }: Call): Promise<object> {
  const key = JSON.stringify([call.method, call.params]);
  const known = cache.get(key) ?? (await ask({ id, ...call }));
  cache.set(key, known);
  return { ...JSON.parse(known), id };
}

async function ask(call: object): Promise<string> {
  const response = await fetch(chain.rpcUrl, {
    method: "POST",
    body: JSON.stringify(call),
    headers: { "content-type": "application/json" },
  });
  return await response.text();
}

/** @param bench Null only fills the cache. */
async function backfill(bench: string | null, url: string): Promise<void> {
  const database = openDatabase(":memory:");
  const [startedMs, cpuBefore] = [performance.now(), process.cpuUsage()];
  const indexer = await startIndexer({ database, chains: [{ ...chain.config, rpcUrls: [url] }], log: silent });
  await indexer.caughtUp();
  const seconds = (performance.now() - startedMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  await indexer.stop();
  database.close();
  if (bench === null) return;
  const events = blocks * eventsPerBlock;
  const value = Math.round(events / seconds);
  // What does not depend on who else uses the machine. From the cache, the cache's own work is in it.
  const perCpuSecond = Math.round((events * 1_000_000) / (cpu.user + cpu.system));
  console.log(JSON.stringify({ bench, value, unit: "events/s", perCpuSecond, events }));
}
