import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestChain, type TestChain } from "./support/chain.ts";
import { randomEmission, riskSetup } from "./support/history.ts";
import { dump, dumpFromScratch, eventually, startNode } from "./support/node.ts";
import { type RpcProxy, startProxy, type Tamper } from "./support/proxy.ts";
import { seeded } from "./support/random.ts";

let chain: TestChain;
let truth: Record<string, string[]>;
let genesisHash: string;
let proxy: RpcProxy;
beforeAll(async () => {
  chain = await startTestChain(40001);
  const random = seeded(7);
  await chain.mine(...riskSetup(chain.config));
  for (let block = 0; block < 12; block++) {
    await chain.mine(randomEmission(random, chain.config), randomEmission(random, chain.config));
  }
  truth = await dumpFromScratch([chain.config]);
  genesisHash = (await chain.client.getBlock({ blockNumber: 0n })).hash;
});
afterAll(() => chain.stop());
beforeEach(async () => {
  proxy = await startProxy(chain.rpcUrl);
});
afterEach(() => proxy.stop());

class Unsupported extends Error {}

type AnyLog = { logIndex: string; blockHash: string };
const noLogs: Tamper = ({ method }, answer) => (method === "eth_getLogs" ? [] : answer);
const halfTheLogs: Tamper = ({ method }, answer) =>
  method === "eth_getLogs" ? (answer as AnyLog[]).filter(({ logIndex }) => logIndex === "0x0") : answer;
const oneLogOfEachBlock: Tamper = ({ method }, answer) =>
  method === "eth_getLogs"
    ? (answer as AnyLog[]).filter((log, at, all) => all.findIndex((one) => one.blockHash === log.blockHash) === at)
    : answer;
const otherAmounts: Tamper = ({ method }, answer) =>
  method === "eth_getLogs"
    ? (answer as (AnyLog & { data: string })[]).map((log) => ({ ...log, data: log.data.replace(/1(?=.{0,40}$)/, "2") }))
    : answer;
/** In the first block, which is empty. */
const inventedLog: Tamper = ({ method }, answer) => {
  const [log] = method === "eth_getLogs" ? (answer as AnyLog[]) : [];
  if (log === undefined) return answer;
  return [{ ...log, blockNumber: "0x0", blockHash: genesisHash, logIndex: "0x0" }, ...(answer as AnyLog[])];
};
const noReceipts =
  (other: Tamper): Tamper =>
  (call, answer) => {
    if (call.method === "eth_getBlockReceipts") throw new Unsupported("method not found");
    return other(call, answer);
  };
const logsOfAnotherBlock: Tamper = ({ method }, answer) =>
  method === "eth_getLogs"
    ? (answer as AnyLog[]).map((log) => ({ ...log, blockHash: `0x${"ab".repeat(32)}` }))
    : answer;

describe("an RPC endpoint that leaves out logs", () => {
  test.each([
    ["none of the logs", noLogs, 2000],
    ["none of the logs, block by block", noLogs, 1],
    ["some of the logs", halfTheLogs, 2000],
    ["logs of a block that is not on the chain", logsOfAnotherBlock, 2000],
  ])(
    "behavior: nothing is committed while it gives %s, and all of it once it tells the truth",
    async (_, lie, range) => {
      proxy.tamper = lie;
      const config = { ...chain.config, rpcUrls: [proxy.url], maxLogRange: range };
      const { database, indexer, stop } = await startNode([config]);
      await eventually(
        "the problem to be seen",
        () => indexer.status()[0]?.problem?.includes("not asked yet") === false,
      );
      expect(indexer.status()[0]?.ok).toBe(false);
      const committed = dump(database);
      for (const [table, rows] of Object.entries(committed)) {
        if (table !== "checkpoints") expect(truth[table]).toEqual(expect.arrayContaining(rows));
      }
      const { vault_totals: deposits } = committed;
      expect(deposits).toEqual([]);
      proxy.tamper = (_call, answer) => answer;
      await indexer.caughtUp();
      expect(dump(database)).toEqual(truth);
      await stop();
    },
  );

  test.each([
    ["with receipts", noLogs],
    ["without receipts", noReceipts(noLogs)],
    ["without receipts, some logs only", noReceipts(halfTheLogs)],
    ["without receipts, one log of each block", noReceipts(oneLogOfEachBlock)],
    ["with receipts, a log too many", inventedLog],
    ["with receipts, other amounts in the logs", otherAmounts],
    ["without receipts, other amounts in the logs", noReceipts(otherAmounts)],
  ])("behavior: a second endpoint that tells the truth is enough (%s)", async (_, lie) => {
    proxy.tamper = lie;
    const { database, indexer, stop } = await startNode([{ ...chain.config, rpcUrls: [proxy.url, chain.rpcUrl] }]);
    await indexer.caughtUp();
    expect(dump(database)).toEqual(truth);
    await stop();
  });

  test("behavior: an endpoint without receipts that lags behind with its logs is asked again", async () => {
    let asked = 0;
    proxy.tamper = noReceipts((call, answer) => (call.method === "eth_getLogs" && asked++ % 2 === 0 ? [] : answer));
    const { database, indexer, stop } = await startNode([{ ...chain.config, rpcUrls: [proxy.url] }]);
    await eventually("a disagreement", () => asked >= 2);
    expect(indexer.status()[0]?.indexed).toBe(-1);
    proxy.tamper = noReceipts((_call, answer) => answer);
    await indexer.caughtUp();
    expect(dump(database)).toEqual(truth);
    await stop();
  });
});

describe("an RPC endpoint that refuses large ranges", () => {
  test("behavior: ranges are halved until it answers", async () => {
    proxy.tamper = ({ method, params }, answer) => {
      if (method !== "eth_getLogs") return answer;
      const { fromBlock, toBlock } = params[0] as { fromBlock?: string; toBlock?: string };
      if (Number(toBlock) - Number(fromBlock) > 3) throw new Unsupported("range too large");
      return answer;
    };
    const { database, indexer, stop } = await startNode([{ ...chain.config, rpcUrls: [proxy.url], maxLogRange: 64 }]);
    await indexer.caughtUp();
    expect(dump(database)).toEqual(truth);
    await stop();
  });
});

describe("an RPC endpoint that is still syncing", () => {
  test("behavior: one that is behind is waited for, and proves no reorg", async () => {
    const { database, indexer, stop } = await startNode([{ ...chain.config, rpcUrls: [proxy.url] }]);
    await indexer.caughtUp();
    proxy.tamper = ({ method, params }, answer) => {
      const behind = params[0] === "latest" || params[0] === "finalized" || Number(params[0]) > 5;
      return method === "eth_getBlockByNumber" && behind ? { ...(answer as object), ...early } : answer;
    };
    const early = await earlyBlock();
    const rounds = proxy.calls.length;
    await eventually("some rounds", () => proxy.calls.length > rounds + 10);
    expect(indexer.status()[0]).toMatchObject({ halted: false, indexed: 14 });
    proxy.tamper = (_call, answer) => answer;
    await indexer.caughtUp();
    expect(dump(database)).toEqual(truth);
    await stop();
  });

  async function earlyBlock(): Promise<object> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber", params: ["0x5", false] });
    const response = await fetch(chain.rpcUrl, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    return ((await response.json()) as { result: object }).result;
  }
});

describe("two RPC endpoints that contradict each other", () => {
  const another: Tamper = ({ method, params }, answer) =>
    method === "eth_getBlockByNumber" && Number(params[0]) >= 6
      ? { ...(answer as object), hash: `0x${"cd".repeat(32)}` }
      : answer;

  test("behavior: nothing becomes final while they do, both are named, and it goes on once they agree", async () => {
    const other = await startProxy(chain.rpcUrl);
    other.tamper = another;
    const { database, indexer, stop } = await startNode([{ ...chain.config, rpcUrls: [proxy.url, other.url] }]);
    await eventually("it to be said", () => indexer.status()[0]?.problem?.includes("disagree about block") === true);
    const [status] = indexer.status();
    for (const { url } of [proxy, other]) expect(status?.problem).toContain(new URL(url).host);
    expect(status).toMatchObject({ ok: false, halted: false, finalized: -1 });
    other.tamper = (_call, answer) => answer;
    await indexer.caughtUp();
    expect(dump(database)).toEqual(truth);
    await stop();
    await other.stop();
  });

  test.each([
    [
      "is behind",
      (call, answer) => (call.method === "eth_getBlockByNumber" && call.params[0] !== "latest" ? null : answer),
    ],
    ["is down", () => expect.unreachable()],
  ] satisfies [string, Tamper][])("behavior: one that %s contradicts nobody", async (_, tamper) => {
    const other = await startProxy(chain.rpcUrl);
    other.tamper = tamper;
    const { database, indexer, stop } = await startNode([{ ...chain.config, rpcUrls: [proxy.url, other.url] }]);
    await indexer.caughtUp();
    expect(dump(database)).toEqual(truth);
    await stop();
    await other.stop();
  });
});

describe("an RPC endpoint with limits", () => {
  test("behavior: one that takes few requests a second is asked more slowly, and read whole", async () => {
    proxy.mostPerSecond = 20;
    const { database, indexer, stop } = await startNode([{ ...chain.config, rpcUrls: [proxy.url], maxLogRange: 2 }]);
    await indexer.caughtUp();
    expect(dump(database)).toEqual(truth);
    await stop();
  });

  test("behavior: one that takes no batches is asked call by call", async () => {
    proxy.takesBatches = false;
    const { database, indexer, stop } = await startNode([{ ...chain.config, rpcUrls: [proxy.url] }]);
    await indexer.caughtUp();
    expect(dump(database)).toEqual(truth);
    await stop();
  });
});
