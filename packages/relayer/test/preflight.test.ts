import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type Chain, startAnvil } from "@plimsoll/devnet/chains/anvil";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { chainConfigSchema } from "@plimsoll/indexer/config";
import { parseEther, parseGwei } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postingSchema } from "../src/posting/config.ts";
import { checkClock } from "../src/preflight/clock.ts";
import { checkEndpoints } from "../src/preflight/endpoints.ts";
import type { Finding } from "../src/preflight/finding.ts";
import { checkGas } from "../src/preflight/gas.ts";
import { gasSchema } from "../src/transactions/config.ts";

// What `plimsoll check` sees of real chains: two anvils, and providers in front of them that do not tell all.

const nowhere = "http://127.0.0.1:9";
const address = (byte: string) => `0x${byte.repeat(20)}` as const;

let anvil: Chain;
let other: Chain;
const proxies: Server[] = [];
beforeAll(async () => {
  [anvil, other] = await Promise.all([start(), start()]);
  await Promise.all([anvil.client.mine({ blocks: 20 }), other.client.mine({ blocks: 20, interval: 3 })]);
});
afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await Promise.all([anvil.stop(), other.stop()]);
});

async function start(): Promise<Chain> {
  const [port = 0] = await freePorts(1);
  return await startAnvil({ name: "anvil", eid: 40001, chainId: 31337, port, hub: true, vault: true, market: true });
}

/** A provider in front of the anvil that answers some methods by itself. */
async function provider(answer: (method: string, params: unknown[]) => unknown): Promise<string> {
  const proxy = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const { id, method, params } = JSON.parse(body);
    const own = answer(method, params);
    const forwarded = () =>
      fetch(anvil.rpcUrl, { method: "POST", body, headers: { "content-type": "application/json" } });
    response.setHeader("content-type", "application/json");
    response.end(
      own === undefined ? await (await forwarded()).text() : JSON.stringify({ jsonrpc: "2.0", id, ...(own as object) }),
    );
  }).listen(0, "127.0.0.1");
  proxies.push(proxy);
  await once(proxy, "listening");
  const listening = proxy.address();
  return `http://127.0.0.1:${typeof listening === "object" && listening ? listening.port : 0}`;
}

function chainOf(rpcUrls: readonly string[], startBlock = 5) {
  const contracts = { endpoint: address("01"), attestations: address("02") };
  const registries = { ledger: address("04"), riskRegistry: address("05"), operatorRegistry: address("06") };
  const all = { ...contracts, ...registries };
  return chainConfigSchema.parse({ name: "c", eid: 1, chainId: 31337, rpcUrls, startBlock, hub: true, contracts: all });
}

const problems = (findings: readonly Finding[]) => findings.flatMap(({ problem }) => problem ?? []);

describe("checkEndpoints", () => {
  test("default: two endpoints of one chain agree, and have it from the start block on", async () => {
    const findings = await checkEndpoints(chainOf([anvil.rpcUrl, await provider(() => undefined)]));
    expect(problems(findings)).toEqual([]);
    expect(findings).toHaveLength(3);
    expect(findings[2]?.subject).toMatch(/2 endpoints, same block \d+/);
  });

  test("behavior: one endpoint is said to be one", async () => {
    const findings = await checkEndpoints(chainOf([anvil.rpcUrl]));
    expect(problems(findings)).toEqual([]);
    expect(findings[1]?.subject).toContain("no second one");
  });

  test("error: endpoints of two chains", async () => {
    const found = problems(await checkEndpoints(chainOf([anvil.rpcUrl, other.rpcUrl])));
    expect(found).toEqual([expect.stringMatching(/show different blocks \d+/)]);
  });

  test("error: an endpoint that lags", async () => {
    const late = await provider((method) => (method === "eth_blockNumber" ? { result: "0x1" } : undefined));
    await anvil.client.mine({ blocks: 80 });
    const found = problems(await checkEndpoints(chainOf([anvil.rpcUrl, late], 0)));
    expect(found).toEqual([expect.stringMatching(/is \d+ blocks behind the others/)]);
  });

  test.each([
    ["without old blocks", "eth_getBlockByNumber", { result: null }, "it has no block 5"],
    [
      "without old logs",
      "eth_getLogs",
      { error: { code: -32000, message: "history pruned" } },
      "it gives no logs of block 5",
    ],
  ])("error: an endpoint %s", async (_, pruned, answer, problem) => {
    const isOld = (params: unknown[]) => JSON.stringify(params).includes('"0x5"');
    const url = await provider((method, params) => (method === pruned && isOld(params) ? answer : undefined));
    expect(problems(await checkEndpoints(chainOf([anvil.rpcUrl, url])))).toEqual([problem]);
  });

  test("error: an endpoint that does not answer, and a start block that is not there yet", async () => {
    const silent = await checkEndpoints(chainOf([anvil.rpcUrl, nowhere]));
    expect(problems(silent)).toEqual(["it does not answer: fetch failed"]);
    expect(problems(await checkEndpoints(chainOf([nowhere])))).toEqual([
      "it does not answer: fetch failed",
      "no endpoint tells a final block",
    ]);
    expect(problems(await checkEndpoints(chainOf([anvil.rpcUrl], 1_000_000)))).toEqual([
      expect.stringContaining("is above its head"),
    ]);
  });
});

test("error: an endpoint without the tag `finalized`, beside one that has it", async () => {
  const error = { code: -32602, message: "unknown block tag" };
  const url = await provider((_, params) => (params?.[0] === "finalized" ? { error } : undefined));
  expect(problems(await checkEndpoints(chainOf([anvil.rpcUrl, url])))).toEqual(["it tells no final block"]);
});

describe("checkClock", () => {
  const newestMs = async () => Number((await anvil.client.getBlock()).timestamp) * 1_000;
  const chains = () => [chainOf([nowhere]), chainOf([anvil.rpcUrl])];

  test("default: a clock that agrees with one of the chains", async () => {
    const at = await newestMs();
    for (const seconds of [-30, 0, 300]) {
      expect(await checkClock(chains(), () => at + seconds * 1_000)).toMatchObject({ problem: null });
    }
  });

  test.each([
    [-31, "31 s in the future: the clock is late"],
    [301, "301 s old or older: the clock is early"],
  ])("error: a clock that is off by %d s", async (seconds, problem) => {
    const at = await newestMs();
    const { problem: found } = await checkClock(chains(), () => at + seconds * 1_000);
    expect(found).toContain(problem);
  });

  test("error: nothing to compare it with", async () => {
    expect((await checkClock([chainOf([nowhere])])).problem).toContain("no chain answers");
  });
});

describe("checkGas", () => {
  const me = privateKeyToAccount(generatePrivateKey()).address;
  // Once in ten minutes and no band: 144 posts a day of 60,000 gas.
  const costs = (gas: object = {}) => ({
    node: { epochIntervalMs: 60_000 } as never,
    posting: postingSchema.parse({ heartbeatSeconds: 600, deviationBps: 10_000 }),
    gas: gasSchema.parse({ lowBalance: 0.001, ...gas }),
  });
  const consumers = [address("07")];
  const check = async (balance: string, gas: object = {}) => {
    await anvil.client.setBalance({ address: me, value: parseEther(balance) });
    return await checkGas({ ...chainOf([anvil.rpcUrl]), contracts: { consumers } }, costs(gas), me);
  };
  beforeAll(async () => {
    await anvil.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei("1") });
    await anvil.client.mine({ blocks: 1 });
  });

  test("default: enough for a day of posting, which is told", async () => {
    const findings = await check("10");
    expect(problems(findings)).toEqual([]);
    expect(findings[0]?.subject).toMatch(
      /144 posts a day .* of the native coin at [\d.]+ gwei, .* if accounts change in each of 1440 epochs/,
    );
    expect(findings[1]?.subject).toMatch(/has 10, \d+ days of posting alone/);
  });

  test("behavior: where no consumer is, marks may move: the heartbeat alone is paid for", async () => {
    const lively = { ...costs(), posting: postingSchema.parse({ heartbeatSeconds: 600, deviationBps: 1 }) };
    const subjectOf = async (there: typeof consumers) =>
      (await checkGas({ ...chainOf([anvil.rpcUrl]), contracts: { consumers: there } }, lively, me))[0]?.subject;
    expect(await subjectOf([])).toMatch(/144 posts a day \(heartbeat 600 s, no consumer\)/);
    expect(await subjectOf(consumers)).toMatch(/1440 posts a day \(heartbeat 600 s, 1 bps at 80 % a year\)/);
  });

  test.each([
    ["no balance", "0", {}, /has none/],
    ["a balance that is low", "0.0009", {}, /less than lowBalance 0.001/],
    ["a balance that is gone within a day", "0.0011", {}, /not enough for a day of posting/],
    ["a fee cap below the market", "10", { maxFeeGwei: 0.01 }, /more than maxFeeGwei allows: 0.01/],
    ["a budget that is used up before the day", "10", { dailyBudget: 0.0001 }, /less than a day of posting/],
  ])("error: %s", async (_, balance, gas, problem) => {
    expect(problems(await check(balance, gas))).toEqual([expect.stringMatching(problem)]);
  });
});
