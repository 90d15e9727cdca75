import type { AccountCollateral } from "@plimsoll/indexer/accounts";
import { chainConfigSchema } from "@plimsoll/indexer/config";
import { nameToId } from "@plimsoll/protocol/account";
import { hashAccountLeaf, hashChainRoot, hashInstrumentLeaf } from "@plimsoll/protocol/leaves";
import { verifyProof } from "@plimsoll/protocol/merkle";
import { verifyMultiProof } from "@plimsoll/protocol/multi-proof";
import { unpackInt64 } from "@plimsoll/protocol/packed";
import type {
  AccountJson,
  EpochJson,
  HealthJson,
  InstrumentJson,
  InstrumentLeafJson,
  ProblemJson,
  TradeProofsJson,
  VaultLiquidityJson,
} from "@plimsoll/protocol/wire";
import { Validator } from "@seriousme/openapi-schema-validator";
import pino from "pino";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { alice, btc, btcPerp, market, salt, usdc, vault } from "../../test/support/chains.ts";
import { interval, type TestQuorum, testQuorum } from "../../test/support/operators.ts";
import { createPeerAuthenticator, createRequestSigner } from "../peers/authentication.ts";
import { type ApiLimits, type App, createApp } from "./app.ts";
import { errorsMarkdown } from "./docs.ts";
import type { ApiSource } from "./source.ts";
import { statusSchema } from "./status.ts";
import { answerSchema } from "./whatIfSchemas.ts";

const newcomer = `0x${"96".repeat(32)}`;
const stranger = `0x${"99".repeat(32)}`;
const other = `0x${"98".repeat(20)}`;
const guid = `0x${"97".repeat(32)}`;

let quorum: TestQuorum;
let source: ApiSource;
let app: App["http"];
let create: (limits: ApiLimits) => App;
let draining = false;
let lagBlocks = 0;

/** Attested, and signed by the node that is asked, though others' signatures may be enough before its own is there. */
async function nextEpoch(epoch: number): Promise<void> {
  quorum.chains.mine();
  quorum.clock.advance(interval);
  await quorum.leaderOf(epoch).engine.turn();
  await vi.waitFor(() => expect(quorum.leaderOf(2).context.store.highestSigned()).toBe(epoch), { timeout: 10_000 });
}

beforeAll(async () => {
  quorum = testQuorum();
  const operator = quorum.leaderOf(2);
  for (const epoch of [1, 2, 3]) {
    await nextEpoch(epoch);
  }
  const { store, view, protocol, log } = operator.context;
  const deposit: AccountCollateral = {
    eid: 1,
    asset: usdc,
    deposited: 12_000_000_000n,
    withdrawn: 0n,
    requestedTotal: 0n,
    reportedDeposited: 10_000_000_000n,
    reportedWithdrawn: 0n,
    inFlight: 2_000_000_000n,
  };
  const feeds = { feedsReadTo: null, upcomingFeeds: [] };
  const status = { ...feeds, head: 3, headTimestampSeconds: 1, finalized: 1, indexed: 3, ok: true, problem: null };
  source = {
    operator: operator.address,
    version: "1.2.3",
    chains: [1, 2, 3].map((eid) =>
      chainConfigSchema.parse({
        name: `chain ${eid}`,
        eid,
        chainId: eid,
        rpcUrls: ["http://localhost:1"],
        hub: eid === 1,
        contracts: {
          endpoint: vault,
          attestations: vault,
          consumers: eid === 1 ? [] : [market],
          ...(eid === 1 ? { vault, ledger: vault, riskRegistry: vault, operatorRegistry: vault } : {}),
        },
      }),
    ),
    store,
    view,
    protocol,
    startedAtMs: 0,
    nowMs: () => 5_000,
    draining: () => draining,
    progressOf: (eid) => ({ eid, blocksPerSecond: 0, secondsLeft: 0 }),
    peersSeen: () => [{ address: vault, lastAnswerMs: 2_000, problem: null }],
    messagesBetween: () => [],
    chainStatus: () => [1, 2, 3].map((eid) => ({ eid, name: `chain ${eid}`, halted: false, lagBlocks, ...status })),
    newestPosted: () => new Map([[2, 1]]),
    postingsOf: () => [],
    collateralOf: (account) => {
      if (account === newcomer) return [{ ...deposit, reportedDeposited: 0n, inFlight: deposit.deposited }];
      return account === alice ? [deposit] : [];
    },
    listMessages: () => [],
    getMessage: () => null,
  };
  const others = quorum.operators.filter((one) => one !== operator).map(({ address }) => address);
  const nowMs = Date.now;
  const authenticator = createPeerAuthenticator({ me: operator.address, peers: others, domainSalt: salt, nowMs });
  create = (limits) =>
    createApp({ source, engine: operator.engine, authenticator, limits, log: pino({ level: "silent" }) });
  app = create({ requestsPerSecond: 1_000, burst: 1_000, proxies: 0, streams: 10 }).http;
  log.flush();
});
afterAll(() => quorum.close());

async function get<T>(path: string, status = 200): Promise<T> {
  const response = await app.request(path);
  expect(response.status, path).toBe(status);
  return (await response.json()) as T;
}

const trade = (changes: Record<string, string> = {}) =>
  `/v1/proofs/trade?${new URLSearchParams({ eid: "2", consumer: market, accounts: alice, instruments: btcPerp, ...changes })}`;

/** Headers of a peer's request. */
function sign(request: { method: string; path: string; body: string }) {
  const [peer] = quorum.operators.filter((one) => one !== quorum.leaderOf(2));
  if (peer === undefined) expect.unreachable();
  const account = privateKeyToAccount(peer.key);
  const signer = createRequestSigner({
    me: peer.address,
    domainSalt: salt,
    sign: (message) => account.signMessage({ message }),
    nowMs: Date.now,
  });
  return signer({ to: quorum.leaderOf(2).address, ...request });
}

describe("answers", () => {
  test("default: an account over all chains", async () => {
    const account = await get<AccountJson>(`/v1/accounts/${alice.toUpperCase().replace("0X", "0x")}`);
    expect(account).toMatchObject({ account: alice, epoch: 3, status: "active", worstScenario: 0 });
    expect(account.collateral).toMatchObject([
      { eid: 1, vault, asset: usdc, held: "12000000000", counted: "10000000000", inFlight: "2000000000" },
    ]);
    // Who holds nothing could leave with half without operators.
    expect(account.collateral[0]?.exitTotal).toBe("5000000000");
    // Ten thousand dollars, a last digit less for the depth, after a haircut of one per cent.
    expect(account.base).toBe("989999999999");
    expect(account.portfolios.map(({ eid, postedEpoch }) => [eid, postedEpoch])).toEqual([
      [2, 1],
      [3, null],
    ]);
    const [first, second] = account.portfolios.map(({ allotment }) => BigInt(allotment?.losses[0] ?? 0));
    expect((first ?? 0n) + (second ?? 0n)).toBeLessThanOrEqual(BigInt(account.base));
    expect(first).toBeGreaterThan(0n);
  });

  test("default: what lies in a vault, and what can be claimed of it", async () => {
    const [liquidity, ...others] = await get<VaultLiquidityJson[]>("/v1/vaults");
    expect(others).toEqual([]);
    // At the epoch's cut.
    const claims = { requested: "0", approved: "0", exitable: "5000000000" };
    expect(liquidity).toEqual({ eid: 1, vault, asset: usdc, decimals: 6, held: "10000000000", ...claims });
  });

  test("default: instruments, as their leaves have them", async () => {
    const [first, ...others] = await get<InstrumentJson[]>("/v1/instruments");
    if (first === undefined) expect.unreachable();
    const { instruments } = await get<TradeProofsJson>(trade());
    const { prices: _, ...leaf } = instruments[0] as InstrumentLeafJson;
    expect([first, ...others]).toContainEqual(leaf);
    expect(others.every(({ instrument }, index) => instrument > (others[index - 1] ?? first).instrument)).toBe(true);
  });

  test("default: nobody is to be liquidated", async () => {
    expect(await get("/v1/liquidations")).toEqual([]);
  });

  test("behavior: a first deposit that is still in flight is shown, and counts nothing yet", async () => {
    const account = await get<AccountJson>(`/v1/accounts/${newcomer}`);
    expect(account).toMatchObject({ status: "active", base: "0", portfolios: [] });
    expect(account.collateral).toMatchObject([
      { held: "12000000000", counted: "0", inFlight: "12000000000", value: "0" },
    ]);
  });

  test("default: proofs that verify as the contract does it", async () => {
    const { attestation, accounts, instruments, ...proof } = await get<TradeProofsJson>(trade());
    const { header, chainRoot, chainPath, signatures } = attestation;
    expect(header.epoch).toBe(3);
    expect(verifyProof(header.root, hashChainRoot(2, chainRoot), chainPath)).toBe(true);
    expect(signatures.length).toBe(2 + 2 * 130);
    const [account] = accounts;
    const [instrument] = instruments;
    if (account === undefined || instrument === undefined) expect.unreachable();
    const accountLeaf = {
      ...account,
      status: account.status as 0,
      grossLimit: BigInt(account.grossLimit),
      allotment: unpackInt64(account.allotment),
    };
    const { status, mark, notional, charge, settlement, funding, stressBps, prices } = instrument;
    const instrumentLeaf = {
      instrument: btcPerp,
      status: status as 0,
      mark: BigInt(mark),
      notional: BigInt(notional),
      charge: BigInt(charge),
      settlement: BigInt(settlement),
      funding: BigInt(funding),
      stressBps,
      prices: unpackInt64(prices),
    };
    const leaves = [hashInstrumentLeaf(instrumentLeaf), hashAccountLeaf(accountLeaf)];
    expect(verifyMultiProof(chainRoot, leaves, proof)).toBe(true);
  });

  test("behavior: an older epoch by its number", async () => {
    expect((await get<TradeProofsJson>(trade({ epoch: "2" }))).attestation.header.epoch).toBe(2);
  });

  test("default: epochs, newest first, with their signers", async () => {
    const epochs = await get<EpochJson[]>("/v1/epochs");
    expect(epochs.map(({ header }) => header.epoch)).toEqual([3, 2, 1]);
    expect(epochs[0]?.signers.length).toBeGreaterThanOrEqual(2);
    expect(await get<EpochJson>("/v1/epochs/1")).toEqual(epochs[2]);
  });

  test("default: chains, messages and health", async () => {
    expect(await get("/v1/chains")).toHaveLength(3);
    expect(await get("/v1/messages?limit=5&status=sent")).toEqual([]);
    expect(await get<HealthJson>("/v1/health")).toMatchObject({ status: "ok", epoch: 3, version: "1.2.3" });
  });
});

describe("problems", () => {
  test.each([
    [`/v1/accounts/${stranger}`, 404, "unknown-account"],
    ["/v1/accounts/0x12", 400, "malformed-request"],
    ["/v1/accounts/alice", 400, "malformed-request"],
    ["/v1/epochs/99", 404, "unknown-epoch"],
    ["/v1/epochs/first", 400, "malformed-request"],
    ["/v1/epochs?limit=0", 400, "malformed-request"],
    [trade({ eid: "9" }), 404, "unknown-chain"],
    [trade({ eid: "x" }), 400, "malformed-request"],
    [trade({ consumer: other }), 404, "unknown-consumer"],
    [trade({ accounts: "" }), 400, "malformed-request"],
    [trade({ instruments: stranger }), 404, "unknown-instrument"],
    [trade({ epoch: "77" }), 404, "unknown-epoch"],
    [`/v1/proofs/instrument?eid=2&instrument=${stranger}`, 404, "unknown-instrument"],
    [`/v1/proofs/instrument?eid=9&instrument=${stranger}`, 404, "unknown-chain"],
    [`/v1/proofs/withdrawal?eid=1&account=${alice}&asset=${other}`, 404, "unknown-asset"],
    [`/v1/proofs/withdrawal?eid=1&account=${newcomer}&asset=${usdc}`, 404, "nothing-approved"],
    [`/v1/proofs/withdrawal?eid=1&account=${alice}`, 400, "malformed-request"],
    [`/v1/proofs/deleverage?eid=2&consumer=${market}&account=${alice}`, 404, "no-queue"],
    [`/v1/proofs/deleverage?eid=2&consumer=${other}&account=${alice}`, 404, "unknown-consumer"],
    [`/v1/proofs/deleverage?eid=2&consumer=${market}&account=${alice}&counterparties=33`, 400, "malformed-request"],
    [`/v1/messages/${guid}`, 404, "unknown-message"],
    ["/v1/messages?status=lost", 400, "malformed-request"],
    ["/v2/accounts", 404, "unknown-route"],
    ["/v1/peer/epochs/1", 401, "peer-unauthenticated"],
    ["/v1/peer/status", 401, "peer-unauthenticated"],
    ["/v1/live/accounts/0x12", 400, "malformed-request"],
    ["/v1/messages?before=0x12", 400, "malformed-request"],
  ])("error: %s", async (path, status, code) => {
    const response = await app.request(path);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = (await response.json()) as ProblemJson;
    expect(problem).toMatchObject({ status, code });
    expect(problem.hint.length).toBeGreaterThan(0);
    expect(response.status).toBe(status);
  });

  test("error: a body where none is taken", async () => {
    const headers = { "content-length": "1000000" };
    const response = await app.request("/v1/chains", { method: "POST", headers, body: "x" });
    expect(await response.json()).toMatchObject({ status: 413, code: "refused-body" });
  });

  test("error: a body of an operator that is longer than any proposal", async () => {
    const body = `"${"x".repeat(4 * 1024 * 1024)}"`;
    const headers = {
      ...(await sign({ method: "POST", path: "/v1/peer/proposals", body })),
      "content-length": `${body.length}`,
    };
    const response = await app.request("/v1/peer/proposals", { method: "POST", headers, body });
    expect(await response.json()).toMatchObject({ status: 413, code: "refused-body" });
  });

  test("error: no epoch yet", async () => {
    const nothing = vi.spyOn(source.store, "newestAttested").mockReturnValue(null);
    for (const path of [trade(), `/v1/proofs/withdrawal?eid=1&account=${alice}&asset=${usdc}`]) {
      expect(await get<ProblemJson>(path, 503)).toMatchObject({ code: "no-epoch-yet" });
    }
    expect(await get("/ready", 503)).toEqual({ ready: false, because: ["no-epoch-yet"] });
    nothing.mockRestore();
  });

  test("error: what nobody foresaw is told to nobody but the log", async () => {
    const broken = vi.spyOn(source, "listMessages").mockImplementation(() => expect.unreachable("disk at /var/secret"));
    const problem = await get<ProblemJson>("/v1/messages", 500);
    expect(problem).toMatchObject({ code: "internal" });
    expect(JSON.stringify(problem)).not.toContain("/var/secret");
    broken.mockRestore();
  });

  test("default: a problem's type leads to where the node explains it", async () => {
    const { type } = await get<ProblemJson>("/v1/epochs/99", 404);
    const [path = "", anchor] = type.split("#");
    const response = await app.request(path);
    expect(await response.text()).toContain(`<h2 id="${anchor}">`);
  });
});

describe("operators among themselves", () => {
  test("default: a peer's signed request is answered, wherever a proxy put the node", async () => {
    const request = { method: "GET", path: "/v1/peer/status", body: "" };
    const response = await app.request("/v1/peer/status", { headers: await sign(request) });
    expect(await response.json()).toMatchObject({ operator: quorum.leaderOf(2).address, highestEpoch: 3 });
  });

  test("error: the same request again, for another path, or with another body", async () => {
    const headers = await sign({ method: "GET", path: "/v1/peer/status", body: "" });
    expect((await app.request("/v1/peer/epochs/1", { headers })).status).toBe(401);
    expect((await app.request("/v1/peer/status?x=1", { headers })).status).toBe(401);
    expect((await app.request("/v1/peer/status", { method: "POST", headers, body: "{}" })).status).toBe(401);
    expect((await app.request("/v1/peer/status", { headers })).status).toBe(200);
    const again = await app.request("/v1/peer/status", { headers });
    expect(await again.json()).toMatchObject({ code: "peer-unauthenticated", detail: "it was taken before" });
  });

  test("behavior: an operator is heard, however much its requests take and strangers ask from its address", async () => {
    const { http } = create({ requestsPerSecond: 0.001, burst: 1, proxies: 0, streams: 1 });
    const { engine } = quorum.leaderOf(2);
    const slow = vi.spyOn(engine, "status").mockImplementation(() => {
      const untilMs = performance.now() + 30;
      while (performance.now() < untilMs);
      return { operator: usdc, highestEpoch: 3, attested: [] };
    });
    expect((await http.request("/v1/chains")).status).toBe(200);
    expect((await http.request("/v1/chains")).status).toBe(429);
    for (let request = 0; request < 5; request++) {
      const headers = await sign({ method: "GET", path: "/v1/peer/status", body: "" });
      expect((await http.request("/v1/peer/status", { headers })).status).toBe(200);
    }
    slow.mockRestore();
    // All in one moment.
    const now = vi.spyOn(performance, "now").mockReturnValue(performance.now());
    const unsigned = [];
    for (let request = 0; request < 500; request++) unsigned.push((await http.request("/v1/peer/status")).status);
    now.mockRestore();
    expect(new Set(unsigned)).toEqual(new Set([401, 429]));
  });

  test("behavior: one operator's requests are not collected without end", async () => {
    const { http } = create({ requestsPerSecond: 100, burst: 400, proxies: 0, streams: 1 });
    const gate = Promise.withResolvers<void>();
    const held = vi.spyOn(quorum.leaderOf(2).engine, "considerProposal").mockImplementation(async () => {
      await gate.promise;
      return { refusal: { code: "malformed-cut" } };
    });
    const { proposal } = quorum.leaderOf(2).engine.epochRecords(3)[0] ?? expect.unreachable();
    const body = JSON.stringify(proposal);
    const answers = [];
    for (let request = 0; request < 20; request++) {
      const headers = await sign({ method: "POST", path: "/v1/peer/proposals", body });
      answers.push(http.request("/v1/peer/proposals", { method: "POST", headers, body }));
    }
    // Those that are refused are answered at once.
    await Promise.race(answers.slice(16));
    gate.resolve();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    held.mockRestore();
  });

  test("error: a peer that talks nonsense", async () => {
    const body = '{"header":1}';
    const headers = await sign({ method: "POST", path: "/v1/peer/proposals", body });
    const response = await app.request("/v1/peer/proposals", { method: "POST", headers, body });
    expect(await response.json()).toMatchObject({ code: "malformed-request" });
  });
});

describe("what a stranger cannot make a node do", () => {
  test("behavior: proofs are of the newest epochs and of posted ones, so trees are built at most once an epoch", async () => {
    for (const epoch of [4, 5, 6]) {
      await nextEpoch(epoch);
    }
    const { store } = quorum.leaderOf(2).context;
    const contents = vi.spyOn(store, "content");
    for (let time = 0; time < 3; time++) {
      // Posted on a chain, as the source says.
      expect((await get<TradeProofsJson>(trade({ epoch: "1" }))).attestation.header.epoch).toBe(1);
      expect(await get<ProblemJson>(trade({ epoch: "2" }), 410)).toMatchObject({ code: "epoch-pruned" });
      for (const epoch of [3, 4, 5, 6]) await get(trade({ epoch: `${epoch}` }));
    }
    // One look at each of those that no earlier test had asked for.
    expect(contents.mock.calls.length).toBeLessThanOrEqual(5);
  });

  test("behavior: an account's view computes no epoch", async () => {
    const { protocol } = quorum.leaderOf(2).context;
    const transition = vi.spyOn(protocol, "transition");
    for (let time = 0; time < 5; time++) await get(`/v1/accounts/${alice}`);
    expect(transition).not.toHaveBeenCalled();
  });

  test("error: more requests than its share", async () => {
    const limits = { requestsPerSecond: 0.01, burst: 40, proxies: 0, streams: 1 };
    const { http } = create(limits);
    expect((await http.request("/v1/chains")).status).toBe(200);
    // Whatever the route; dear ones count as several.
    const asked = [];
    for (let time = 0; time < 40; time++) asked.push(await http.request(time % 2 === 0 ? "/docs" : "/v1/chains"));
    const refused = asked.at(-1) ?? expect.unreachable();
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ status: 429, code: "too-many-requests" });
    // Whoever watches over the process is always answered.
    for (let time = 0; time < 5; time++) expect((await http.request("/health")).status).toBe(200);
  });
});

describe("liveness", () => {
  test("default: alive and ready", async () => {
    expect(await get("/health")).toEqual({ status: "alive" });
    expect(await get("/ready")).toEqual({ ready: true, because: [] });
  });

  test("behavior: 503 while draining, and alive all the same", async () => {
    draining = true;
    expect(await get("/ready", 503)).toEqual({ ready: false, because: ["draining"] });
    expect(await get("/health")).toEqual({ status: "alive" });
    draining = false;
  });

  test("behavior: 503 while catching up", async () => {
    lagBlocks = 65;
    expect(await get("/ready", 503)).toEqual({ ready: false, because: ["catching-up"] });
    lagBlocks = 0;
  });

  test("default: status, for the command line", async () => {
    const status = statusSchema.parse(await get("/v1/status"));
    expect(status).toMatchObject({ upSeconds: 5, highestSigned: 6, peers: [{ lastAnswerSecondsAgo: 3 }] });
    expect(status.chains.map(({ postedEpoch }) => postedEpoch)).toEqual([null, 1, null]);
  });
});

describe("pages", () => {
  test("default: the OpenAPI document is valid, and names every public route", async () => {
    const document = await get<{ openapi: string; paths: Record<string, unknown> }>("/openapi.json");
    expect(document.openapi).toBe("3.1.0");
    const result = await new Validator().validate(structuredClone(document));
    expect(result).toMatchObject({ valid: true });
    expect(Object.keys(document.paths).sort()).toEqual([
      "/health",
      "/ready",
      "/v1/accounts/{account}",
      "/v1/accounts/{account}/what-if",
      "/v1/chains",
      "/v1/epochs",
      "/v1/epochs/{epoch}",
      "/v1/health",
      "/v1/instruments",
      "/v1/liquidations",
      "/v1/live/accounts/{account}",
      "/v1/live/epochs",
      "/v1/live/messages",
      "/v1/messages",
      "/v1/messages/{guid}",
      "/v1/proofs/deleverage",
      "/v1/proofs/instrument",
      "/v1/proofs/trade",
      "/v1/proofs/withdrawal",
      "/v1/status",
      "/v1/vaults",
    ]);
  });

  test("default: a page tells all routes, and loads nothing from anywhere", async () => {
    const { paths } = await get<{ paths: Record<string, unknown> }>("/openapi.json");
    const response = await app.request("/docs");
    const html = await response.text();
    for (const path of Object.keys(paths)) expect(html).toContain(`<code>${path}</code>`);
    expect(html).not.toMatch(/<script|<link|<img|https?:\/\/(?!opensource)/);
    expect(html).not.toContain("undefined");
    expect(html).toMatch(/href="#schema-Account"/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("default: docs/ERRORS.md has a section for every code (vitest -u writes it)", async () => {
    await expect(errorsMarkdown()).toMatchFileSnapshot("../../../../docs/ERRORS.md");
  });

  test("behavior: any page in a browser may read what is public", async () => {
    const response = await app.request("/v1/chains", { headers: { origin: "https://app.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("what if", () => {
  const path = `/v1/accounts/${alice}/what-if`;
  const trade = { eid: 2, consumer: market, instrument: btcPerp };
  const post = (body: unknown, to = app, at = path) =>
    to.request(at, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  const fresh = () => create({ requestsPerSecond: 1_000, burst: 1_000, proxies: 0, streams: 10 }).http;
  const ask = async (question: unknown) => {
    const response = await post(question, fresh());
    expect(response.status).toBe(200);
    return answerSchema.parse(await response.json());
  };

  test("default: margin as it is attested, what a trade would make of it, and how far the price may then move", async () => {
    const account = (await (await fresh().request(`/v1/accounts/${alice}`)).json()) as AccountJson;
    const answer = await ask({ changes: [{ kind: "trade", ...trade, size: "1000000" }], liquidation: [btc] });
    const { base, worst, initialMargin } = account;
    expect(answer).toMatchObject({
      account: alice,
      epoch: account.epoch,
      margin: { standing: "healthy", base, worst, initialMargin },
    });
    expect(BigInt(answer.afterChanges?.initialMargin ?? 0)).toBeGreaterThan(BigInt(initialMargin));
    expect(answer.liquidation.map(({ underlying }) => underlying)).toEqual([btc]);
    expect(answer.drivers.collateral.map(({ name }) => name)).toEqual([`1:${usdc}`]);
  });

  test("behavior: the largest trade fits, and one unit more does not", async () => {
    const { largest } = await ask({ largest: [trade] });
    for (const { side, size, margin } of largest ?? []) {
      expect(BigInt(size)).not.toBe(0n);
      expect(BigInt(margin.worst)).toBeGreaterThanOrEqual(0n);
      const more = BigInt(size) + (side === "buy" ? 1n : -1n);
      const { afterChanges } = await ask({ changes: [{ kind: "trade", ...trade, size: `${more}` }] });
      expect(BigInt(afterChanges?.worst ?? 0)).toBeLessThan(0n);
    }
    expect(largest).toHaveLength(2);
  });

  test("behavior: collateral paid out, time and prices that move", async () => {
    const half = { kind: "transfer", eid: 1, asset: usdc, amount: "-5000000000" };
    const { afterChanges } = await ask({ changes: [half, { kind: "time", seconds: 60 }] });
    // Half the dollars; the haircut by size rounds.
    expect(Number(afterChanges?.base) / 4.95e11).toBeCloseTo(1, 9);
    const fallen = await ask({ changes: [{ kind: "move", underlying: nameToId("USDC"), priceBps: -1000 }] });
    expect(Number(fallen.afterChanges?.base) / 8.91e11).toBeCloseTo(1, 9);
  });

  test("error: impossible-question, malformed-request, unknown-account, refused-body", async () => {
    const problem = async (body: unknown, at = path) => {
      const response = await post(body, fresh(), at);
      return [response.status, ((await response.json()) as ProblemJson).code];
    };
    const unknown = { ...trade, instrument: `0x${"00".repeat(32)}` };
    expect(await problem({ largest: [unknown] })).toEqual([400, "impossible-question"]);
    const tooMuch = { kind: "transfer", eid: 1, asset: usdc, amount: "-10000000001" };
    expect(await problem({ changes: [tooMuch] })).toEqual([400, "impossible-question"]);
    expect(await problem({ changes: new Array(17).fill({ kind: "time", seconds: 1 }) })).toEqual([
      400,
      "malformed-request",
    ]);
    expect(await problem({ changes: [{ kind: "trade", ...trade, size: 1 }] })).toEqual([400, "malformed-request"]);
    expect(await problem({}, `/v1/accounts/${stranger}/what-if`)).toEqual([404, "unknown-account"]);
    expect(await problem(`{"changes":[${" ".repeat(9_000)}]}`)).toEqual([413, "refused-body"]);
  });

  test("error: too-many-requests, sooner than for what is only looked up", async () => {
    const one = fresh();
    const statuses = [];
    for (let asked = 0; asked < 7; asked++) statuses.push((await post({}, one)).status);
    expect(statuses.slice(0, 5)).toEqual(new Array(5).fill(200));
    expect(statuses.at(-1)).toBe(429);
    expect((await one.request(`/v1/accounts/${alice}`)).status).toBe(200);
  });
});
