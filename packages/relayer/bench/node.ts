// A node, a process of its own on a devnet, with many accounts in its index: what it costs at an epoch every twelve seconds,
// and how fast it answers meanwhile. The other half of the quorum only signs, so that this machine does one node's work. Then
// two nodes, the fewest that the contracts take: how many epochs they make when they are let. One JSON line a figure.
// `ACCOUNTS=100000 npm run bench -- node` takes another number of accounts.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { type Devnet, startDevnet } from "@plimsoll/devnet/devnet";
import { underlyings } from "@plimsoll/devnet/plimsoll/market-data";
import { chainsConfigSchema } from "@plimsoll/indexer/config";
import { openDatabase } from "@plimsoll/indexer/database";
import { startIndexer } from "@plimsoll/indexer/indexer";
import { ledgerTotals, vaultTotals } from "@plimsoll/indexer/tables/collateral";
import { stillInForce } from "@plimsoll/indexer/tables/columns";
import { cash, positions } from "@plimsoll/indexer/tables/portfolio";
import { nameToId } from "@plimsoll/protocol/account";
import { attestationTypedData } from "@plimsoll/protocol/attestation";
import type { EpochJson } from "@plimsoll/protocol/wire";
import pino from "pino";
import { type Address, type Hex, numberToHex, parseUnits } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { ConfigInput } from "../src/config.ts";
import type { Proposal } from "../src/quorum/messages.ts";
import { type HttpServer, listen } from "../src/server.ts";
import { eventually } from "../test/support/eventually.ts";
import {
  type OperatorPlan,
  type OperatorProcess,
  operatorProcess,
  quickConfig,
} from "../test/support/operatorProcess.ts";

const accountsAtOnce = 500;
const accountCount = Math.ceil(Number(process.env["ACCOUNTS"] ?? 10_000) / accountsAtOnce) * accountsAtOnce;
const intervalSeconds = 12;
const steadyEpochs = 10;
const pushedSeconds = 40;
const apiSeconds = 20;
const apiClients = 16;
/** An epoch of many accounts takes its time, the first one most of all. */
const deadlineMs = 180_000 + 6 * accountCount;

const folder = mkdtempSync(join(tmpdir(), "relayer-bench-"));
const [alder = 0, birch = 0, cedar = 0, ...ports] = await freePorts(5);
const devnet = await startDevnet({ ports: [alder, birch, cedar], operators: 2 });
const plans = devnet.accounts.operators.map(
  (operator, index): OperatorPlan => ({ ...operator, port: ports[index] ?? 0, path: join(folder, operator.name) }),
);
let nodes: readonly OperatorProcess[] = [];
try {
  const [plan, other] = plans;
  if (plan === undefined || other === undefined) throw new RangeError("the devnet has two operators");
  await fillIndex(devnet, quickConfig(devnet.deployment, plan, plans));
  const cosigner = await startCosigner(other);
  // The co-signer's turns go by after its time-out: an epoch early, one late.
  const timing = { epochIntervalMs: 1000 * intervalSeconds - 3_000, leaderTimeoutMs: 6_000 };
  await startNodes([plan], timing);
  await steadyState(measured());
  await apiWhileEpochsRun(measured());
  await measured().stop();
  await cosigner.close();
  // As if it had signed along: to fetch all those epochs from the other would be a bench of its own.
  copyFileSync(`${plan.path}.sqlite`, `${other.path}.sqlite`);
  await startNodes(plans, { epochIntervalMs: 100, leaderTimeoutMs: 60_000 });
  await pushed(measured());
} finally {
  await Promise.all(nodes.map((node) => node.kill()));
  await devnet.stop();
  rmSync(folder, { recursive: true });
}
process.exit();

function measured(): OperatorProcess {
  const [first] = nodes;
  if (first === undefined) throw new RangeError("no node runs");
  return first;
}

function print(bench: string, value: number, unit: string): void {
  console.log(JSON.stringify({ bench, value: Number(value.toPrecision(3)), unit, accounts: accountCount }));
}

/** Reads the devnet as a node does, and adds accounts that no chain ever saw, each with collateral and two positions. */
async function fillIndex({ deployment }: Devnet, { chains, node }: ConfigInput): Promise<void> {
  const database = openDatabase(node.database);
  const log = pino({ level: "silent" });
  const indexer = await startIndexer({ database, chains: chainsConfigSchema.parse(chains), log });
  await indexer.caughtUp();
  await indexer.stop();
  const on = (name: string) => deployment.chains.find((chain) => chain.name === name);
  const [vaultEid, hubEid] = [on("alder")?.eid ?? 0, on("birch")?.eid ?? 0];
  const usdc = deployment.tokens.find(({ eid, symbol }) => eid === vaultEid && symbol === "USDC")?.address;
  const asset = (usdc ?? "0x").toLowerCase() as Address;
  const markets = ["birch", "cedar"].map((name) => ({ eid: on(name)?.eid ?? 0, consumer: consumerOf(on(name)) }));
  const priceE8 = underlyings.find(({ name }) => name === "BTC")?.priceE8 ?? 0n;
  const [deposited, withdrawn] = [parseUnits("20000", 6), 0n];
  const validity = { fromBlock: 1, untilBlock: stillInForce };
  const instrument = nameToId("BTC-PERP");
  // As many rows a statement as SQLite takes parameters for.
  for (let from = 0; from < accountCount; from += accountsAtOnce) {
    const indexes = Array.from({ length: accountsAtOnce }, (_, offset) => from + offset);
    const held = indexes.map((index) => ({ account: accountOf(index), asset, deposited, withdrawn, ...validity }));
    const inMarkets = indexes.flatMap((index) =>
      markets.map((market, side) => {
        // Long in one market and short in the other, every other account the other way round: all cancels out.
        const size = parseUnits("0.05", 8) * ((index + side) % 2 === 0 ? 1n : -1n);
        return { ...market, account: accountOf(index), size, ...validity };
      }),
    );
    const cashOf = (size: bigint) => -(size * priceE8) / 10n ** 8n;
    database.sqlite.transaction(() => {
      const { drizzle } = database;
      drizzle
        .insert(vaultTotals)
        .values(held.map((row) => ({ ...row, eid: vaultEid, requestedTotal: 0n })))
        .run();
      drizzle
        .insert(ledgerTotals)
        .values(held.map((row) => ({ ...row, eid: hubEid, vaultEid, sequence: 1n })))
        .run();
      drizzle
        .insert(cash)
        .values(inMarkets.map(({ size, ...row }) => ({ ...row, amount: cashOf(size) })))
        .run();
      drizzle
        .insert(positions)
        .values(inMarkets.map((row) => ({ ...row, instrument })))
        .run();
    })();
  }
  database.close();
}

function consumerOf(chain: Devnet["deployment"]["chains"][number] | undefined): Address {
  return (chain?.contracts.consumers[0] ?? "0x").toLowerCase() as Address;
}

function accountOf(index: number): Hex {
  return `0x${numberToHex(1_000_000 + index, { size: 20 }).slice(2)}${"00".repeat(12)}`;
}

/** Signs whatever it is asked to. */
async function startCosigner({ address, privateKey, port }: OperatorPlan): Promise<HttpServer> {
  const account = privateKeyToAccount(privateKey);
  let highestEpoch = 0;
  const answer = async (request: Request): Promise<object> => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/status")) return { operator: address.toLowerCase(), highestEpoch, attested: [] };
    if (pathname.endsWith("/attestations")) return { taken: true };
    if (!pathname.endsWith("/proposals")) return { records: [] };
    const { header } = (await request.json()) as Proposal;
    highestEpoch = header.epoch;
    return { signature: await account.signTypedData(attestationTypedData(header, devnet.deployment.domainSalt)) };
  };
  return await listen(async (request) => Response.json(await answer(request)), "127.0.0.1", port);
}

/** Starts nodes, and waits for their first epoch. */
async function startNodes(
  planned: readonly OperatorPlan[],
  timing: { readonly epochIntervalMs: number; readonly leaderTimeoutMs: number },
): Promise<void> {
  nodes = planned.map((plan) => {
    const { messages: _, ...quick } = quickConfig(devnet.deployment, plan, plans);
    return operatorProcess(
      {
        ...quick,
        node: { ...quick.node, ...timing },
        posting: { deviationBps: 10, heartbeatSeconds: 30, standInMs: 1_000 },
        api: { requestsPerSecond: 1_000_000, burst: 1_000_000 },
      },
      plan,
    );
  });
  for (const node of nodes) node.start();
  const startedMs = performance.now();
  const served = await eventually("a node's answer", () => newest(measured()), deadlineMs);
  await eventually("a new epoch", async () => ((await newest(measured())) ?? 0) > served, deadlineMs);
  const seconds = (performance.now() - startedMs) / 1000;
  print(
    nodes.length === 1 ? "one node: from start to a new epoch" : "two nodes: from start to a new epoch",
    seconds,
    "s",
  );
}

/** The newest attested epoch, 0 before the first; null while the node does not answer. It may be busy for seconds. */
async function newest(of: OperatorProcess): Promise<number | null> {
  try {
    const response = await fetch(`${of.url}/v1/epochs?limit=1`, { signal: AbortSignal.timeout(120_000) });
    const epochs = (await response.json()) as EpochJson[];
    return response.ok ? (epochs[0]?.header.epoch ?? 0) : null;
  } catch {
    return null; // not up
  }
}

/**
 * CPU and memory with prices that move a little all the time, so that every epoch revalues every account; over whole epochs,
 * and however long they really took.
 */
async function steadyState(of: OperatorProcess): Promise<void> {
  const prices = movePrices();
  const reaches = async (epoch: number) => {
    await eventually(`epoch ${epoch}`, async () => ((await newest(of)) ?? 0) >= epoch, deadlineMs);
    return { cpu: cpuSeconds(of.pid()), ms: performance.now() };
  };
  try {
    const start = ((await newest(of)) ?? 0) + 2;
    const [before, after] = [await reaches(start), await reaches(start + steadyEpochs)];
    const [cpu, seconds] = [after.cpu - before.cpu, (after.ms - before.ms) / 1000];
    print("one node: an epoch took", seconds / steadyEpochs, "s");
    print("one node: CPU an epoch", cpu / steadyEpochs, "s");
    print("one node: CPU", (100 * cpu) / seconds, "% of a core");
    print("one node: memory", residentMebibytes(of.pid()), "MiB");
  } finally {
    await prices.stop();
  }
}

/** The account view of accounts at random, from clients that each wait for one answer before they ask again. */
async function apiWhileEpochsRun(of: OperatorProcess): Promise<void> {
  const prices = movePrices();
  const milliseconds: number[] = [];
  let refused = 0;
  const endMs = performance.now() + apiSeconds * 1000;
  const client = async () => {
    while (performance.now() < endMs) {
      const account = accountOf(Math.floor(Math.random() * accountCount));
      const startedMs = performance.now();
      const response = await fetch(`${of.url}/v1/accounts/${account}`);
      await response.arrayBuffer();
      if (response.ok) milliseconds.push(performance.now() - startedMs);
      else if (response.status === 429) refused++;
    }
  };
  await Promise.all(Array.from({ length: apiClients }, client));
  await prices.stop();
  const sorted = milliseconds.sort((a, b) => a - b);
  print("account view, while epochs run: requests", sorted.length / apiSeconds, "/s");
  print("account view, while epochs run: refused by the limit of all together", refused / apiSeconds, "/s");
  print("account view, while epochs run: median", sorted[Math.floor(sorted.length / 2)] ?? 0, "ms");
  print("account view, while epochs run: p99", sorted[Math.floor(sorted.length * 0.99)] ?? 0, "ms");
  print("account view, while epochs run: longest", sorted.at(-1) ?? 0, "ms");
}

/** Epochs as fast as they go. */
async function pushed(of: OperatorProcess): Promise<void> {
  const prices = movePrices();
  const [first, startedMs] = [(await newest(of)) ?? 0, performance.now()];
  await sleep(pushedSeconds * 1000);
  const made = ((await newest(of)) ?? first) - first;
  print("two nodes, pushed: epochs", made / ((performance.now() - startedMs) / 1000), "/s");
  await prices.stop();
}

/**
 * Moves bitcoin by a twentieth of a per cent and back, every two seconds. On a busy machine anvil may close a connection on a
 * request: that move is left out, as long as most are made.
 */
function movePrices() {
  const stopping = new AbortController();
  const { priceE8 = 0n } = underlyings.find(({ name }) => name === "BTC") ?? {};
  const moving = (async () => {
    let missed = 0;
    let step = 0;
    for (; !stopping.signal.aborted; step++) {
      await devnet.feeds.setPrice("BTC", priceE8 + (priceE8 * BigInt(step % 2)) / 2_000n).catch(() => missed++);
      await sleep(2_000, undefined, { signal: stopping.signal }).catch(() => {});
    }
    return { missed, step };
  })();
  return {
    stop: async () => {
      stopping.abort();
      const { missed, step } = await moving;
      if (2 * missed > step) throw new RangeError(`${missed} of ${step} price moves failed`);
    },
  };
}

/** User and system time of a process so far. Source: proc(5), fields 14 and 15 of stat. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

function residentMebibytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
