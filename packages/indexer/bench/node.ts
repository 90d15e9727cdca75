// Backfill: how many events a second a node reads, decodes, proves and stores, from a local anvil and from a cache that
// answers what anvil answered before; and what reading ahead is worth where each answer comes late, as a provider's does.
// One JSON line a figure.
import type { ChainConfig } from "../src/config.ts";
import { openDatabase } from "../src/database.ts";
import { startIndexer } from "../src/indexer.ts";
import { startCache } from "../test/support/cache.ts";
import { startTestChain, type TestChain } from "../test/support/chain.ts";
import { randomEmission, riskSetup } from "../test/support/history.ts";
import { silent } from "../test/support/node.ts";
import { seeded } from "../test/support/random.ts";

const blocks = 400;
/** Of a chain that is bound by what there is to do, and of one that is bound by waiting for answers. */
const [busy, quiet] = [20, 2];
const lateMs = 150;
/** As few as some providers' free plans give at once; so there are many ranges without there being months of blocks. */
const blocksOfRange = 10;

await withChain(busy, async (chain, cached) => {
  report("backfill from a local anvil", await backfill(busy, chain));
  await backfill(busy, cached);
  report("backfill from cached responses", await backfill(busy, cached));
});
await withChain(quiet, async (_, cached, cache) => {
  const ranges = { ...cached, maxLogRange: blocksOfRange };
  await backfill(quiet, ranges);
  cache.lateMs = lateMs;
  const late = `backfill from cached responses ${lateMs} ms late, ${blocksOfRange} blocks a range`;
  const inTurn = await backfill(quiet, { ...ranges, rangesAtOnce: 1 });
  report(`${late}, one after the other`, inTurn);
  report(`${late}, ${ranges.rangesAtOnce} ranges at once`, await backfill(quiet, ranges), inTurn);
});
process.exit();

async function withChain(
  eventsPerBlock: number,
  measure: (chain: ChainConfig, cached: ChainConfig, cache: { lateMs: number }) => Promise<void>,
): Promise<void> {
  const chain = await startTestChain(40001);
  const cache = await startCache(chain.rpcUrl);
  try {
    await fill(chain, eventsPerBlock);
    await measure(chain.config, { ...chain.config, rpcUrls: [cache.url] }, cache);
  } finally {
    cache.stop();
    await chain.stop();
  }
}

async function fill(chain: TestChain, eventsPerBlock: number): Promise<void> {
  const random = seeded(1);
  await chain.mine(...riskSetup(chain.config));
  for (let block = 0; block < blocks; block++) {
    await chain.mine(...Array.from({ length: eventsPerBlock }, () => randomEmission(random, chain.config)));
  }
}

interface Figures {
  readonly events: number;
  readonly perSecond: number;
  /** What does not depend on who else uses the machine. From the cache, the cache's own work is in it. */
  readonly perCpuSecond: number;
}

async function backfill(eventsPerBlock: number, chain: ChainConfig): Promise<Figures> {
  const database = openDatabase(":memory:");
  const [startedMs, cpuBefore] = [performance.now(), process.cpuUsage()];
  const indexer = await startIndexer({ database, chains: [chain], log: silent });
  await indexer.caughtUp();
  const seconds = (performance.now() - startedMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  await indexer.stop();
  database.close();
  const events = blocks * eventsPerBlock;
  return { events, perSecond: events / seconds, perCpuSecond: (events * 1_000_000) / (cpu.user + cpu.system) };
}

function report(bench: string, { events, perSecond, perCpuSecond }: Figures, before?: Figures): void {
  const figure = { bench, value: Math.round(perSecond), unit: "events/s", perCpuSecond: Math.round(perCpuSecond) };
  const compared = before && {
    baseline: Math.round(before.perSecond),
    ratio: Number((perSecond / before.perSecond).toFixed(1)),
  };
  console.log(JSON.stringify({ ...figure, events, ...compared }));
}
