import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { testTokenAbi } from "@plimsoll/contracts/abi/TestToken";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { type Devnet, startDevnet } from "@plimsoll/devnet/devnet";
import { workerKeys } from "@plimsoll/devnet/layerzero/network";
import { startWorker } from "@plimsoll/devnet/worker/worker";
import { chainsConfigSchema } from "@plimsoll/indexer/config";
import { type Database, openDatabase } from "@plimsoll/indexer/database";
import { startIndexer } from "@plimsoll/indexer/indexer";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { hashAccountLeaf, hashInstrumentLeaf } from "@plimsoll/protocol/leaves";
import { verifyMultiProof } from "@plimsoll/protocol/multi-proof";
import { unpackInt64 } from "@plimsoll/protocol/packed";
import type { AccountJson, EpochJson, TradeProofsJson } from "@plimsoll/protocol/wire";
import pino from "pino";
import { type Hex, pad, parseAbi } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toContract } from "../src/posting/contract.ts";
import { createProtocol } from "../src/quorum/createProtocol.ts";
import { createIndexView } from "../src/quorum/indexView.ts";
import { readProposals } from "../src/rebuild/readProposals.ts";
import { type Recomputed, recomputeEpochs } from "../src/rebuild/recomputeEpochs.ts";
import { eventually } from "./support/eventually.ts";
import { type OperatorPlan, type OperatorProcess, operatorProcess, quickConfig } from "./support/operatorProcess.ts";

// Three nodes as three processes of the operating system, on chains with LayerZero's own contracts.

let folder: string;
let devnet: Devnet;
let operators: readonly OperatorProcess[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "relayer-operators-"));
  const [alder = 0, birch = 0, cedar = 0, ...ports] = await freePorts(6);
  devnet = await startDevnet({ ports: [alder, birch, cedar] });
  const plans = devnet.accounts.operators.map(
    ({ name, address, privateKey }, index): OperatorPlan => ({
      address,
      privateKey,
      port: ports[index] ?? 0,
      path: join(folder, name),
    }),
  );
  operators = plans.map((plan) => {
    return operatorProcess({ ...quickConfig(devnet.deployment, plan, plans), metrics: { port: 0 } }, plan);
  });
  for (const operator of operators) operator.start();
});

afterAll(async () => {
  await Promise.all((operators ?? []).map((operator) => operator.kill()));
  await devnet?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const operator = (index: number): OperatorProcess => operators[index] ?? expect.unreachable();
const others = (one: OperatorProcess) => operators.filter((candidate) => candidate !== one);

async function newestEpoch(of: OperatorProcess): Promise<EpochJson | null> {
  return (await of.get<EpochJson[]>("/v1/epochs?limit=1"))?.[0] ?? null;
}

/** The newest epoch on every chain, as the contracts tell it; null while one has none. */
async function postedEverywhere(): Promise<readonly number[] | null> {
  const newest = await Promise.all(
    devnet.deployment.chains.map(({ eid, contracts }) =>
      chainOf(eid)
        .client.readContract({ address: contracts.attestations, abi: solvencyAttestationsAbi, functionName: "newest" })
        .then(
          ([epoch]) => Number(epoch),
          () => null,
        ),
    ),
  );
  return newest.every((epoch) => epoch !== null) ? newest : null;
}

const chainOf = (eid: number) => devnet.chains.find((chain) => chain.eid === eid) ?? expect.unreachable();
const contractsOf = (name: string) =>
  devnet.deployment.chains.find((chain) => chain.name === name) ?? expect.unreachable();

describe("three operators", () => {
  test("default: epochs are attested by a quorum and posted on every chain", async () => {
    await eventually("a first epoch on every chain", postedEverywhere);
    const epoch = await eventually("an epoch with two signers", async () => {
      const newest = await newestEpoch(operator(0));
      return newest !== null && newest.signers.length >= 2 && newest;
    });
    for (const other of others(operator(0))) {
      const theirs = await eventually("the same epoch elsewhere", () =>
        other.get<EpochJson>(`/v1/epochs/${epoch.header.epoch}`),
      );
      expect(theirs.header).toEqual(epoch.header);
    }
  });

  test("default: the preflight check finds nothing wrong", async () => {
    const { code, output } = await operator(0).run("check");
    expect(output).not.toContain("FAIL");
    expect(code).toBe(0);
  });

  test("error: the preflight check names everything that is wrong, all at once", async () => {
    const privateKey = generatePrivateKey();
    const stranger = privateKeyToAccount(privateKey).address;
    const plan = { address: stranger, privateKey, port: 0, path: join(folder, "stranger") };
    const { chains, ...config } = quickConfig(devnet.deployment, plan, []);
    const nothing = `0x${"ab".repeat(20)}`;
    const wrong = operatorProcess(
      {
        ...config,
        domainSalt: `0x${"00".repeat(32)}`,
        posting: { heartbeatSeconds: 1_000_000 },
        peers: [{ address: operator(0).address, url: operator(1).url }],
        chains: chains.map((chain) => {
          if (chain.name === "birch") return { ...chain, chainId: 999 };
          if (chain.name === "cedar") return { ...chain, contracts: { ...chain.contracts, consumers: [nothing] } };
          return chain;
        }),
      },
      plan,
    );
    const { code, output } = await wrong.run("check");
    expect(code).toBe(1);
    const failures = output.split("\n").filter((line) => line.startsWith("FAIL"));
    for (const problem of [
      /^FAIL {2}birch: chain id, contracts and eids: .* is chain \d+, not 999/,
      /^FAIL {2}cedar: chain id, contracts and eids: .*there is no contract at 0xabab/,
      /^FAIL {2}alder: domainSalt: the contract was made with another/,
      /^FAIL {2}operator set: 0x[0-9a-f]{40} is not in set \d+/,
      /^FAIL {2}alder: gas: 0x\w{40} has none/,
      /^FAIL {2}cedar: risk registry: 0xabab\w+ is no active consumer/,
      /^FAIL {2}posting.heartbeatSeconds: 1000000 s is too long/,
      // Whoever asks is not one of its peers.
      /^FAIL {2}peer 0x\w{40} at http:\/\/127.0.0.1:\d+: .*answered 401/,
    ]) {
      expect(failures).toContainEqual(expect.stringMatching(problem));
    }
    // What is well is told, too.
    expect(output).toMatch(/^ok {4}clock$/m);
    expect(output).toMatch(/^ok {4}birch: agreement/m);
  });

  test("default: the command line looks at a running node: how it is, and an epoch computed again", async () => {
    const status = await operator(0).run("status");
    expect(status.output).toMatch(/alder +\d+ +\d+ +\d+ +\d+ .*ok/);
    expect(status.code, status.output).toBe(0);
    const { header } = (await newestEpoch(operator(0))) ?? expect.unreachable();
    const { code, output } = await operator(0).run("replay", `${header.epoch}`, "--deep");
    expect(output).toContain(`equal: root ${header.root}`);
    expect(code).toBe(0);
  });

  test("default: a deposit becomes an allotment whose proof the contract's root covers", async () => {
    const account = await deposit(5_000_000_000n);
    const found = await eventually("an allotment on cedar", async () => {
      const view = await operator(1).get<AccountJson>(`/v1/accounts/${account}`);
      return (
        (view?.portfolios.some(({ allotment }) => allotment !== null && BigInt(allotment.grossLimit) > 0n) && view) ||
        null
      );
    });
    expect(found.collateral).toMatchObject([{ held: "5000000000", counted: "5000000000", inFlight: "0" }]);

    const explained = await operator(0).run("explain", account);
    expect(explained.output).toMatch(/on the hub +5000, since block \d+, report 1, message 0x[0-9a-f]{64}/);
    expect(explained.output).toMatch(/in the vault 5000, since block \d+/);
    expect(explained.code).toBe(0);

    const { eid, contracts } = contractsOf("cedar");
    const consumer = contracts.consumers[0] ?? expect.unreachable();
    const query = new URLSearchParams({
      eid: `${eid}`,
      consumer,
      accounts: account,
      instruments: nameToId("BTC-PERP"),
    });
    const proofs = (await operator(2).get<TradeProofsJson>(`/v1/proofs/trade?${query}`)) ?? expect.unreachable();
    const attestations = { address: contracts.attestations, abi: solvencyAttestationsAbi } as const;
    const { client } = chainOf(eid);
    const { attestation } = proofs;
    // Posted by a user, unless an operator was quicker; either way the chain has this root or a newer one.
    const posting = client.simulateContract({
      ...attestations,
      functionName: "post",
      args: [toContract(attestation)],
      account: devnet.accounts.alice.address,
    });
    await posting.catch((error: unknown) => expect(String(error)).toContain("StaleEpoch"));
    const [leaf] = proofs.accounts;
    const [instrument] = proofs.instruments;
    if (leaf === undefined || instrument === undefined) expect.unreachable();
    const accountHash = hashAccountLeaf({
      ...leaf,
      status: leaf.status as 0,
      grossLimit: BigInt(leaf.grossLimit),
      allotment: unpackInt64(leaf.allotment),
    });
    const instrumentHash = hashInstrumentLeaf({
      ...instrument,
      status: instrument.status as 0,
      mark: BigInt(instrument.mark),
      notional: BigInt(instrument.notional),
      charge: BigInt(instrument.charge),
      settlement: BigInt(instrument.settlement),
      funding: BigInt(instrument.funding),
      prices: unpackInt64(instrument.prices),
    });
    expect(verifyMultiProof(attestation.chainRoot, [instrumentHash, accountHash], proofs)).toBe(true);
  });

  test.each([0, 1, 2])("behavior: kill -9 of operator %i stops nobody, and it comes back", async (index) => {
    const victim = operator(index);
    const before = (await newestEpoch(others(victim)[0] ?? victim))?.header.epoch ?? 0;
    await victim.kill();
    for (const survivor of others(victim)) {
      await eventually(
        "epochs without it",
        async () => ((await newestEpoch(survivor))?.header.epoch ?? 0) >= before + 2,
      );
    }
    await eventually(
      "posts without it",
      async () => (await postedEverywhere())?.every((epoch) => epoch > before) ?? false,
    );
    const away = (await newestEpoch(others(victim)[0] ?? victim))?.header.epoch ?? 0;

    victim.start();
    await eventually("its signature again", async () => {
      const newest = (await victim.get<EpochJson[]>("/v1/epochs?limit=10")) ?? [];
      return newest.some(({ header, signers }) => header.epoch > away && signers.includes(victim.address));
    });
    // What it has and the others have is the same.
    const mine = (await newestEpoch(victim)) ?? expect.unreachable();
    const theirs = await eventually("the others to have its newest epoch", () =>
      operator((index + 1) % 3).get<EpochJson>(`/v1/epochs/${mine.header.epoch}`),
    );
    expect(theirs.header).toEqual(mine.header);
  });

  test("behavior: a database rebuilt from nothing but RPC gives the same root for every epoch", async () => {
    const proposals = recordOfAll();
    const rebuilt = await rebuildFromRpc();
    try {
      // Every operator's record, and not only of what was attested.
      const outcomes = await recompute(rebuilt, proposals);
      expect(outcomes.filter(({ outcome }) => outcome !== "equal")).toEqual([]);
      expect(proposals.some(({ signed }) => signed)).toBe(true);
      for (const one of operators) expect(recordOf(one).length).toBeGreaterThan(10);
      // One fact less, and it is noticed.
      expect(rebuilt.sqlite.prepare("DELETE FROM ledger_totals").run().changes).toBeGreaterThan(0);
      const without = await recompute(rebuilt, proposals);
      expect(without.some(({ outcome }) => outcome === "different")).toBe(true);
    } finally {
      rebuilt.close();
    }
  });

  test("behavior: a message that LayerZero's executor leaves is executed by an operator, once", async () => {
    devnet.worker.pauseExecutor();
    const before = linesOf("message executed").length;
    const account = await deposit(1_000_000n);
    await eventually("it to count", () => counts(account, "5001000000"));
    expect(linesOf("message executed").slice(before)).toHaveLength(1);
    devnet.worker.resumeExecutor();
  });

  test("behavior: a deposit that nobody paid to report is reported by operators, by none of them twice", async () => {
    const account = await deposit(200_000_000n, "unreported");
    await eventually("it to count", () => counts(account, "5201000000"));
    const reports = operators.map((one) => linesOf("deposit reported", [one]).length);
    expect(Math.max(...reports)).toBe(1);
  });

  test("behavior: a report is waited for as long as it can arrive; given up on at the endpoint, another one is sent", async () => {
    await devnet.worker.stop();
    const account = await deposit(300_000_000n);
    const before = linesOf("deposit reported").length;
    await eventually("it to be final", async () => {
      const view = await operator(1).get<AccountJson>(`/v1/accounts/${account}`);
      return view?.collateral.some(({ held }) => held === "5501000000") || null;
    });
    await sleep(11_000); // longer than the last operator waits
    expect(linesOf("deposit reported")).toHaveLength(before);
    await skipOnHub();
    const { chains, accounts } = devnet;
    const worker = startWorker({ chains, keys: workerKeys(accounts) });
    try {
      await eventually("it to count", () => counts(account, "5501000000"));
      expect(linesOf("deposit reported").length).toBeGreaterThan(before);
    } finally {
      await worker.stop();
    }
  });

  test("default: what a node counts is what it does and sees", async () => {
    const alder = `{chain="alder",eid="${contractsOf("alder").eid}"`;
    for (const one of operators) {
      await eventually("all of it to be counted", async () => {
        const counted = await metricsOf(one);
        const above0 = (name: string) => [...counted].some(([series, value]) => series.startsWith(name) && value > 0);
        return [
          ...["head_block", "finalized_block", "indexed_block", "ok", "posted_epoch"].map(
            (name) => `plimsoll_chain_${name}${alder}`,
          ),
          "plimsoll_epoch_loop_turns_total",
          ...["proposed", "signed", "attested"].map((name) => `plimsoll_epochs_${name}_total`),
          `plimsoll_balance_native${alder}`,
          "plimsoll_quorum_seconds_count",
          'plimsoll_accounts{status="active"}',
          'plimsoll_api_requests_total{status="200"}',
          `plimsoll_rpc_in_use${alder}`,
          ...others(one).map(({ address }) => `plimsoll_peer_last_answer_timestamp_seconds{peer="${address}"}`),
        ].every(above0);
      });
    }
    // Who is quicker posts, and some chain always needs a heartbeat.
    await eventually("a post to be counted, with what it cost", async () => {
      const counted = (await Promise.all(operators.map(metricsOf))).flatMap((each) => [...each]);
      const sum = (name: string) =>
        counted.reduce((total, [series, value]) => total + (series.startsWith(name) ? value : 0), 0);
      const posts = sum("plimsoll_posts_total");
      return posts > 0 && sum("plimsoll_gas_used_total") > 40_000 * posts && sum("plimsoll_gas_fees_native_total") > 0;
    });
  });

  test("behavior: nobody ever signed two headers of one epoch, and nothing was logged as an error", () => {
    for (const one of operators) {
      const errors = one.log().filter(({ level }) => Number(level) >= 50);
      expect(errors).toEqual([]);
    }
  });

  test("behavior: SIGTERM ends it with exit code 0", async () => {
    expect(await operator(2).stop()).toBe(0);
  });

  test("error: a taken port is something to fix", async () => {
    const [first, second] = operators;
    if (first === undefined || second === undefined) expect.unreachable();
    const plan = { ...devnet.accounts.operators[2], port: Number(new URL(first.url).port), path: join(folder, "busy") };
    const { address = first.address, privateKey = "0x" } = plan;
    const busy = operatorProcess(quickConfig(devnet.deployment, { ...plan, address, privateKey }, []), {
      ...plan,
      address,
      privateKey,
    });
    expect((await busy.run("start")).code).toBe(1);
  });
});

/** Operators' log lines that begin so. */
const linesOf = (beginning: string, of = operators) =>
  of.flatMap((one) => one.log().filter(({ msg }) => `${msg}`.startsWith(beginning)));

/** What an operator's process counted since it started, by series. */
async function metricsOf(one: OperatorProcess): Promise<ReadonlyMap<string, number>> {
  const url = linesOf("metrics served", [one]).at(-1)?.["url"];
  const text = await (await fetch(String(url))).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ""), Number(line.split(" ").at(-1))]));
}

async function counts(account: Hex, amount: string): Promise<boolean> {
  const view = await operator(1).get<AccountJson>(`/v1/accounts/${account}`);
  return view?.collateral.some(({ counted }) => counted === amount) ?? false;
}

/** The ledger's owner has LayerZero's endpoint on the hub go on without the next message of alder's vault. */
async function skipOnHub(): Promise<void> {
  const { eid: srcEid, contracts } = contractsOf("alder");
  const hub = devnet.deployment.chains.find((chain) => chain.hub) ?? expect.unreachable();
  const ledger = hub.contracts.ledger ?? expect.unreachable();
  const { client, layerZero } = chainOf(hub.eid);
  const abi = parseAbi([
    "function inboundNonce(address, uint32, bytes32) view returns (uint64)",
    "function skip(address oapp, uint32 srcEid, bytes32 sender, uint64 nonce)",
  ]);
  const endpoint = { address: layerZero.endpoint, abi } as const;
  const path = [ledger, srcEid, pad(contracts.vault ?? "0x")] as const;
  const nonce = await client.readContract({ ...endpoint, functionName: "inboundNonce", args: path });
  const from = { account: devnet.accounts.deployer.address, chain: null } as const;
  const hash = await client.writeContract({ ...from, ...endpoint, functionName: "skip", args: [...path, nonce + 1n] });
  expect((await client.waitForTransactionReceipt({ hash })).status).toBe("success");
}

/** What an operator has on record by now. */
function recordOf(one: OperatorProcess) {
  const { name } = devnet.accounts.operators[operators.indexOf(one)] ?? expect.unreachable();
  return readProposals(join(folder, `${name}.sqlite`));
}

/**
 * What they have on record together, up to the newest that the first of them had: whoever was away takes over what a
 * quorum signed without all that it builds on.
 */
function recordOfAll() {
  const records = operators.map(recordOf);
  const newest = records[0]?.at(-1)?.header.epoch ?? 0;
  const byDigest = new Map(records.flat().map((proposal) => [proposal.digest, proposal]));
  return [...byDigest.values()]
    .filter(({ header }) => header.epoch <= newest)
    .sort((a, b) => a.header.epoch - b.header.epoch);
}

/** A new index of every chain, from its first block on, with nothing of what any operator has. */
async function rebuildFromRpc(): Promise<Database> {
  const [plan] = devnet.accounts.operators;
  if (plan === undefined) expect.unreachable();
  const { chains } = quickConfig(devnet.deployment, { ...plan, port: 0, path: join(folder, plan.name) }, []);
  const database = openDatabase(":memory:");
  const log = pino({ level: "silent" });
  const indexer = await startIndexer({ database, chains: chainsConfigSchema.parse(chains), log });
  await indexer.caughtUp();
  await indexer.stop();
  return database;
}

async function recompute(rebuilt: Database, proposals: ReturnType<typeof readProposals>): Promise<Recomputed[]> {
  const { chains, domainSalt } = devnet.deployment;
  const eids = chains.map(({ eid }) => eid).sort((a, b) => a - b);
  const view = createIndexView(rebuilt, chains.find(({ hub }) => hub)?.eid ?? 0, eids);
  return await recomputeEpochs(proposals, view, createProtocol(domainSalt));
}

/** Alice puts USDC into alder's vault and pays for the report to the hub, or does not. */
async function deposit(amount: bigint, report: "reported" | "unreported" = "reported") {
  const { eid, contracts } = contractsOf("alder");
  const vault = contracts.vault ?? expect.unreachable();
  const token =
    devnet.deployment.tokens.find((one) => one.eid === eid && one.symbol === "USDC")?.address ?? expect.unreachable();
  const { client } = chainOf(eid);
  const alice = devnet.accounts.alice.address;
  const account = makeAccountId(alice);
  const from = { account: alice, chain: null } as const;
  const approval = { address: token, abi: testTokenAbi, functionName: "approve", args: [vault, amount] } as const;
  await client.waitForTransactionReceipt({ hash: await client.writeContract({ ...from, ...approval }) });
  const contract = { address: vault, abi: collateralVaultAbi } as const;
  const { nativeFee } = await client.readContract({ ...contract, functionName: "quoteReport", args: [account] });
  const value = report === "reported" ? nativeFee : 0n;
  const call = { ...contract, functionName: "deposit", args: [account, token, amount], value } as const;
  const receipt = await client.waitForTransactionReceipt({ hash: await client.writeContract({ ...from, ...call }) });
  expect(receipt.status).toBe("success");
  return account;
}
