import { freePorts } from "@plimsoll/devnet/chains/port";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finalizedCut } from "../src/cut.ts";
import { openDatabase } from "../src/database.ts";
import { startIndexer } from "../src/indexer.ts";
import { startTestChain, type TestChain } from "./support/chain.ts";
import { assets } from "./support/history.ts";
import { eventually, silent, startNode } from "./support/node.ts";
import { startProxy } from "./support/proxy.ts";

let hub: TestChain;
let spoke: TestChain;
beforeAll(async () => {
  [hub, spoke] = await Promise.all([startTestChain(40001), startTestChain(40002, { hub: false })]);
  for (const chain of [hub, spoke]) for (let block = 0; block < 3; block++) await chain.mine();
});
afterAll(async () => {
  await Promise.all([hub, spoke].map((chain) => chain.stop()));
});

describe("startIndexer", () => {
  test("error: ConfigError names everything that is wrong, on all chains", async () => {
    const chains = [
      { ...hub.config, chainId: 1 },
      {
        ...spoke.config,
        contracts: { ...spoke.config.contracts, vault: assets[0], consumers: [assets[1] ?? assets[0]] },
      },
    ];
    const database = openDatabase(":memory:");
    const refused = startIndexer({ database, chains, log: silent });
    await expect(refused).rejects.toMatchObject({
      code: "config",
      problems: [
        expect.stringContaining("is chain 50001, not 1"),
        expect.stringContaining("contracts.vault"),
        expect.stringContaining("consumers[0]"),
      ],
    });
  });

  test("error: ConfigError for an upcoming price feed that is not there", async () => {
    const chains = [{ ...hub.config, upcomingFeeds: [assets[0]] }];
    const refused = startIndexer({ database: openDatabase(":memory:"), chains, log: silent });
    await expect(refused).rejects.toMatchObject({ problems: [expect.stringContaining("(upcomingFeeds[0])")] });
  });

  test("error: ConfigError for an endpoint of another eid", async () => {
    const chains = [{ ...hub.config, eid: 40009 }];
    const refused = startIndexer({ database: openDatabase(":memory:"), chains, log: silent });
    await expect(refused).rejects.toMatchObject({
      problems: expect.arrayContaining([expect.stringContaining("40009")]),
    });
  });

  test("error: ConfigError for a start block after the deployment, where the history would be incomplete", async () => {
    const late = startIndexer({
      database: openDatabase(":memory:"),
      chains: [{ ...hub.config, startBlock: 2 }],
      log: silent,
    });
    await expect(late).rejects.toMatchObject({
      problems: expect.arrayContaining([expect.stringContaining("contracts.vault was there before")]),
    });
    const { stop } = await startNode([{ ...hub.config, startBlock: 1 }]);
    await stop();
  });

  test("behavior: a chain whose endpoint is down is shown as such, stops nobody, and is followed once it is up", async () => {
    const proxy = await startProxy(spoke.rpcUrl);
    proxy.tamper = () => {
      throw new TypeError("out of order");
    };
    const [deadPort = 0] = await freePorts(1);
    const down = `http://127.0.0.1:${deadPort}`;
    const chains = [hub.config, { ...spoke.config, rpcUrls: [down, proxy.url] }];
    const { database, indexer, stop } = await startNode(chains);
    await eventually("the hub to be read", () => indexer.status()[0]?.indexed === 4);
    await eventually("the problem", () => indexer.status()[1]?.problem?.includes("did not answer") === true);
    await eventually("the other", () => indexer.status()[1]?.problem?.includes("out of order") === true);
    expect(indexer.status()).toMatchObject([
      { ok: true, problem: null },
      { ok: false, indexed: -1 },
    ]);
    expect(finalizedCut(database)).toBeNull();
    proxy.tamper = (_call, answer) => answer;
    await indexer.caughtUp();
    expect(indexer.status()).toMatchObject([{ ok: true }, { ok: true, problem: null, indexed: 4 }]);
    expect(finalizedCut(database)).toHaveLength(2);
    await stop();
    await proxy.stop();
  });

  test("behavior: an endpoint that goes down is left for the next one", async () => {
    const proxy = await startProxy(hub.rpcUrl);
    const { indexer, stop } = await startNode([{ ...hub.config, rpcUrls: [proxy.url, hub.rpcUrl] }]);
    await indexer.caughtUp();
    await proxy.stop();
    await hub.mine();
    await indexer.caughtUp();
    const head = Number(await hub.client.getBlockNumber());
    await eventually("the next endpoint", () => indexer.status()[0]?.indexed === head);
    await stop();
  });

  test("behavior: tells of every committed step, and of none after it was stopped", async () => {
    const database = openDatabase(":memory:");
    const steps: number[] = [];
    const onAdvance = (eid: number) => steps.push(eid);
    const indexer = await startIndexer({ database, chains: [hub.config, spoke.config], log: silent, onAdvance });
    await indexer.caughtUp();
    expect(new Set(steps)).toEqual(new Set([40001, 40002]));
    await indexer.stop();
    const told = steps.length;
    await expect(indexer.caughtUp()).rejects.toMatchObject({ code: "indexer-stopped" });
    await hub.mine();
    expect(steps.length).toBe(told);
    database.close();
  });
});
