import { Instance } from "prool";
import { fundedAccounts, PUBLIC_DEVELOPMENT_MNEMONIC_NEVER_FUND_ON_REAL_CHAINS } from "../accounts.ts";
import { AnvilFailed, DevnetPortBusy } from "../errors.ts";
import { anvilBinary } from "./binary.ts";
import { type ChainClient, chainClient } from "./client.ts";
import { assertPortFree } from "./port.ts";
import type { ChainPlan } from "./topology.ts";

const politeStopMs = 3_000;

/** A running anvil. */
export interface Chain extends ChainPlan {
  readonly rpcUrl: string;
  readonly client: ChainClient;
  readonly pid: number;
  /** Resolves when anvil ends without having been asked to. */
  readonly failed: Promise<AnvilFailed>;
  stop(): Promise<void>;
}

/**
 * Starts one anvil that mines a block for every transaction. With one slot an epoch, anvil's `safe` block is the head's
 * parent and its `finalized` block the one before that: finality lags by two blocks.
 *
 * @throws {DevnetPortBusy | AnvilMissing | AnvilFailed}
 * @example
 * const chain = await startAnvil(devnetChains[0]);
 * await chain.stop();
 */
export async function startAnvil(plan: ChainPlan): Promise<Chain> {
  await assertPortFree(plan.port);
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
    },
    { timeout: 15_000 },
  );
  const rpcUrl = `http://127.0.0.1:${plan.port}`;
  const client = chainClient(rpcUrl);
  try {
    await instance.start();
    // The runner keeps all that anvil prints in memory, and anvil prints a line for every request.
    await client.setLoggingEnabled(false);
  } catch (cause) {
    instance._internal.process?.kill("SIGKILL");
    if (String(cause).includes("in use")) throw new DevnetPortBusy(plan.port, { cause });
    throw new AnvilFailed(plan.name, "did not start", { cause });
  }
  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    instance.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const failed = new Promise<AnvilFailed>((resolve) => {
    ended.then((how) => {
      if (!stopping) resolve(new AnvilFailed(plan.name, `ended (${how})`));
    });
  });
  const pid = instance._internal.process.pid ?? 0;
  return {
    ...plan,
    rpcUrl,
    client,
    failed,
    pid,
    // Not the runner's own stop: it leaves a timer behind that holds this process up for five seconds.
    stop: async () => {
      stopping = true;
      if (instance.status !== "started") return;
      process.kill(pid, "SIGTERM");
      const insist = setTimeout(() => process.kill(pid, "SIGKILL"), politeStopMs);
      await ended;
      clearTimeout(insist);
    },
  };
}
