import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { Instance } from "prool";
import { createClient, type Hex, hexToBytes, http } from "viem";
import { fundedAccounts, PUBLIC_DEVELOPMENT_MNEMONIC_NEVER_FUND_ON_REAL_CHAINS } from "../accounts.ts";
import { AnvilFailed, DevnetPortBusy } from "../errors.ts";
import { anvilBinary } from "./binary.ts";
import { type ChainClient, chainClient } from "./client.ts";
import { assertPortFree } from "./port.ts";
import type { ChainPlan } from "./topology.ts";

const politeStopMs = 3_000;
/** A long history is written out whole. */
const dumpDeadlineMs = 120_000;

/** A running anvil. */
export interface Chain extends ChainPlan {
  readonly rpcUrl: string;
  readonly client: ChainClient;
  /** Another one after a restart. */
  readonly pid: () => number;
  /** Resolves when anvil ends without having been asked to. */
  readonly failed: Promise<AnvilFailed>;
  /**
   * kill -9, and starts it again on the same port with every block that it had; what was waiting to be mined is lost.
   * Mines nothing by itself until told to.
   *
   * @throws {AnvilFailed}
   */
  restart(options?: RestartOptions): Promise<void>;
  stop(): Promise<void>;
}

export interface RestartOptions {
  /** How long nobody listens on the port; no longer than it takes unless given. */
  readonly awayMs?: number;
  /** Aborted, it comes back at once. */
  readonly signal?: AbortSignal;
  /**
   * Whether it also remembers the state at every earlier block, which takes a minute after a few hundred blocks, or only
   * the newest. Unless given, it does.
   */
  readonly pastStates?: boolean;
}

/** One process of a chain's life. */
interface Run {
  readonly pid: number;
  readonly ended: Promise<string>;
  /** Its end is no failure. */
  asked: boolean;
}

/**
 * Starts one anvil that mines a block for every transaction. With one slot an epoch, anvil's `safe` block is the head's
 * parent and its `finalized` block the one before that: finality lags by two blocks.
 *
 * @param onRestart Called after every restart.
 * @throws {DevnetPortBusy | AnvilMissing | AnvilFailed}
 * @example
 * const chain = await startAnvil(devnetChains[0]);
 * await chain.stop();
 */
export async function startAnvil(plan: ChainPlan, onRestart: () => void = () => {}): Promise<Chain> {
  await assertPortFree(plan.port);
  const rpcUrl = `http://127.0.0.1:${plan.port}`;
  const client = chainClient(rpcUrl);
  const patient = createClient({ transport: http(rpcUrl, { retryCount: 0, timeout: dumpDeadlineMs }) });
  let failWith: (error: AnvilFailed) => void = () => {};
  const failed = new Promise<AnvilFailed>((resolve) => {
    failWith = resolve;
  });
  let current = await startRun(plan, client, failWith, {});
  return {
    ...plan,
    rpcUrl,
    client,
    failed,
    pid: () => current.pid,
    async restart({ awayMs = 0, signal, pastStates = true } = {}) {
      await client.setIntervalMining({ interval: 0 });
      const dump = (await patient.request({ method: "anvil_dumpState", params: [pastStates] } as never)) as Hex;
      const file = join(tmpdir(), `anvil-${plan.name}-${current.pid}.json`);
      writeFileSync(file, gunzipSync(hexToBytes(dump)));
      current.asked = true;
      process.kill(current.pid, "SIGKILL");
      await current.ended;
      await sleep(awayMs, undefined, { signal }).catch(() => {});
      current = await startRun(plan, client, failWith, {
        loadState: file,
        noMining: true,
        ...(pastStates ? { preserveHistoricalStates: true } : {}),
      });
      rmSync(file);
      onRestart();
    },
    // Not the runner's own stop: it leaves a timer behind that holds this process up for five seconds.
    stop: async () => {
      const { pid, ended, asked } = current;
      current.asked = true;
      if (!asked) signalIfAlive(pid, "SIGTERM");
      const insist = setTimeout(() => signalIfAlive(pid, "SIGKILL"), politeStopMs);
      await ended;
      clearTimeout(insist);
    },
  };
}

async function startRun(
  plan: ChainPlan,
  client: ChainClient,
  failWith: (error: AnvilFailed) => void,
  more: Record<string, string | boolean>,
): Promise<Run> {
  const instance = Instance.anvil(
    {
      binary: anvilBinary(),
      host: "127.0.0.1",
      port: plan.port,
      chainId: plan.chainId,
      accounts: fundedAccounts,
      mnemonic: PUBLIC_DEVELOPMENT_MNEMONIC_NEVER_FUND_ON_REAL_CHAINS,
      slotsInAnEpoch: 1,
      hardfork: "Prague",
      ...more,
    },
    { timeout: 60_000 },
  );
  try {
    await instance.start();
    // The runner keeps all that anvil prints in memory, and anvil prints a line for every request.
    await client.setLoggingEnabled(false);
  } catch (cause) {
    instance._internal.process?.kill("SIGKILL");
    if (String(cause).includes("in use")) throw new DevnetPortBusy(plan.port, { cause });
    throw new AnvilFailed(plan.name, "did not start", { cause });
  }
  const ended = new Promise<string>((resolve) => {
    instance.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const run: Run = { pid: instance._internal.process.pid ?? 0, ended, asked: false };
  ended.then((how) => {
    if (!run.asked) failWith(new AnvilFailed(plan.name, `ended (${how})`));
  });
  return run;
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}
