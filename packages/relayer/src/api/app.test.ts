import type { AccountCollateral } from "@plimsoll/indexer/accounts";
import { chainConfigSchema } from "@plimsoll/indexer/config";
import { hashAccountLeaf, hashChainRoot, hashInstrumentLeaf } from "@plimsoll/protocol/leaves";
import { verifyProof } from "@plimsoll/protocol/merkle";
import { verifyMultiProof } from "@plimsoll/protocol/multi-proof";
import { unpackInt64 } from "@plimsoll/protocol/packed";
import type { AccountJson, EpochJson, HealthJson, ProblemJson, TradeProofsJson } from "@plimsoll/protocol/wire";
import { Validator } from "@seriousme/openapi-schema-validator";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice, btcPerp, market, usdc, vault } from "../../test/support/chains.ts";
import { interval, type TestQuorum, testQuorum } from "../../test/support/operators.ts";
import { createApp } from "./app.ts";
import type { ApiSource } from "./source.ts";

const newcomer = `0x${"96".repeat(32)}`;
const stranger = `0x${"99".repeat(32)}`;
const other = `0x${"98".repeat(20)}`;
const guid = `0x${"97".repeat(32)}`;

let quorum: TestQuorum;
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  quorum = testQuorum();
  const operator = quorum.leaderOf(2);
  for (const epoch of [1, 2, 3]) {
    quorum.chains.mine();
    quorum.clock.advance(interval);
    await quorum.leaderOf(epoch).engine.turn();
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
  const status = { head: 3, headTimestampSeconds: 1, finalized: 1, indexed: 3, lagBlocks: 0, ok: true, problem: null };
  const source: ApiSource = {
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
    chainStatus: () => [1, 2, 3].map((eid) => ({ eid, name: `chain ${eid}`, halted: false, ...status })),
    newestPosted: () => new Map([[2, 1]]),
    postingsOf: () => [],
    collateralOf: (account) => {
      if (account === newcomer) return [{ ...deposit, reportedDeposited: 0n, inFlight: deposit.deposited }];
      return account === alice ? [deposit] : [];
    },
    listMessages: () => [],
    getMessage: () => null,
  };
  app = createApp({ source, engine: operator.engine, log: pino({ level: "silent" }) });
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

describe("answers", () => {
  test("default: an account over all chains", async () => {
    const account = await get<AccountJson>(`/v1/accounts/${alice.toUpperCase().replace("0X", "0x")}`);
    expect(account).toMatchObject({ account: alice, epoch: 3, status: "active", worstScenario: 0 });
    expect(account.collateral).toMatchObject([
      { eid: 1, vault, asset: usdc, held: "12000000000", counted: "10000000000", inFlight: "2000000000" },
    ]);
    // Ten thousand dollars after a haircut of one per cent.
    expect(account.base).toBe("990000000000");
    expect(account.portfolios.map(({ eid, postedEpoch }) => [eid, postedEpoch])).toEqual([
      [2, 1],
      [3, null],
    ]);
    const [first, second] = account.portfolios.map(({ allotment }) => BigInt(allotment?.losses[0] ?? 0));
    expect((first ?? 0n) + (second ?? 0n)).toBeLessThanOrEqual(BigInt(account.base));
    expect(first).toBeGreaterThan(0n);
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
    [`/v1/proofs/withdrawal?eid=1&account=${alice}&asset=${other}`, 404, "unknown-asset"],
    [`/v1/proofs/withdrawal?eid=1&account=${alice}&asset=${usdc}`, 404, "nothing-approved"],
    [`/v1/proofs/withdrawal?eid=1&account=${alice}`, 400, "malformed-request"],
    [`/v1/messages/${guid}`, 404, "unknown-message"],
    ["/v1/messages?status=lost", 400, "malformed-request"],
    ["/v2/accounts", 404, "unknown-route"],
    ["/v1/peer/epochs/x", 400, "malformed-request"],
  ])("error: %s", async (path, status, code) => {
    const response = await app.request(path);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = (await response.json()) as ProblemJson;
    expect(problem).toMatchObject({ status, code });
    expect(problem.hint.length).toBeGreaterThan(0);
    expect(response.status).toBe(status);
  });

  test("error: a peer that talks nonsense", async () => {
    const response = await app.request("/v1/peer/proposals", { method: "POST", body: '{"header":1}' });
    expect(await response.json()).toMatchObject({ code: "malformed-request" });
  });

  test("behavior: a pruned epoch says so", async () => {
    const { store } = quorum.leaderOf(2).context;
    const first = store.attested(1) ?? expect.unreachable();
    store.prune([{ epoch: 1, digest: first.digest }]);
    expect(await get<ProblemJson>(trade({ epoch: "1" }), 410)).toMatchObject({ code: "epoch-pruned" });
  });
});

test("default: the OpenAPI document is valid, and names every public route", async () => {
  const document = await get<{ paths: Record<string, unknown> }>("/openapi.json");
  const result = await new Validator().validate(structuredClone(document));
  expect(result).toMatchObject({ valid: true });
  expect(Object.keys(document.paths).sort()).toEqual([
    "/v1/accounts/{account}",
    "/v1/chains",
    "/v1/epochs",
    "/v1/epochs/{epoch}",
    "/v1/health",
    "/v1/messages",
    "/v1/messages/{guid}",
    "/v1/proofs/trade",
    "/v1/proofs/withdrawal",
  ]);
});
