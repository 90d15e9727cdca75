import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Devnet } from "@plimsoll/devnet/devnet";
import { renderConfig } from "@plimsoll/relayer/config";
import type { Address } from "viem";
import { poll } from "../../src/poll.ts";
import { freePort } from "./freePort.ts";

export interface Operators {
  readonly urls: readonly string[];
  /** Ends one at once, as a power cut does. */
  kill(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** Real operators: a process each, with its own key, database and port. Returns once one has seen an attested epoch. */
export async function startOperators(devnet: Pick<Devnet, "deployment" | "accounts">): Promise<Operators> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-sdk-"));
  const main = fileURLToPath(import.meta.resolve("@plimsoll/relayer/main"));
  const members = await Promise.all(
    devnet.accounts.operators.map(async ({ address, privateKey }, index) => ({
      address: address.toLowerCase() as Address,
      privateKey,
      port: await freePort(),
      database: join(folder, `operator-${index}.sqlite`),
    })),
  );
  const processes: ChildProcess[] = [];
  for (const [index, { address, privateKey, port, database }] of members.entries()) {
    const others = members.filter((other) => other.address !== address);
    const path = join(folder, `operator-${index}.toml`);
    const config = renderConfig({
      domainSalt: devnet.deployment.domainSalt,
      node: { port, database, epochIntervalMs: 1_500, leaderTimeoutMs: 1_500 },
      posting: { deviationBps: 10, heartbeatSeconds: 30, standInMs: 2_000 },
      peers: others.map((other) => ({ address: other.address, url: `http://127.0.0.1:${other.port}` })),
      chains: devnet.deployment.chains.map(({ rpcUrl, layerZero: _, ...chain }) => ({
        ...chain,
        rpcUrls: [rpcUrl],
        pollMs: 250,
      })),
    });
    await writeFile(path, config);
    processes.push(
      spawn(process.execPath, [main, "start", "--config", path], {
        env: { ...process.env, PLIMSOLL_OPERATOR_KEY: privateKey, PLIMSOLL_LOG_LEVEL: "error" },
        stdio: ["ignore", "inherit", "inherit"],
      }),
    );
  }

  const end = async (child: ChildProcess | undefined, signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  const operators: Operators = {
    urls: members.map(({ port }) => `http://127.0.0.1:${port}`),
    kill: (index) => end(processes[index], "SIGKILL"),
    async stop() {
      await Promise.all(processes.map((child) => end(child, "SIGTERM")));
      await rm(folder, { recursive: true });
    },
  };
  try {
    await Promise.all(operators.urls.map(healthy));
  } catch (error) {
    await operators.stop();
    throw error;
  }
  return operators;
}

function healthy(url: string): Promise<true> {
  return poll({
    what: `the operator at ${url} to be healthy`,
    timeoutMilliseconds: 45_000,
    intervalMilliseconds: 100,
    look: async () => {
      const response = await fetch(`${url}/v1/health`).catch(() => null);
      return response?.ok === true ? true : null;
    },
  });
}
