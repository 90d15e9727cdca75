import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "@plimsoll/devnet/deployment";
import type { Address, Hex } from "viem";
import { type ConfigInput, renderConfig } from "../../src/config.ts";

const program = join(import.meta.dirname, "../../src/main.ts");

export interface OperatorPlan {
  readonly address: Address;
  readonly privateKey: Hex;
  readonly port: number;
  readonly path: string;
}

/** A quick node: an epoch a second, posted at every change and every four seconds. */
export function quickConfig(deployment: Deployment, me: OperatorPlan, all: readonly OperatorPlan[]): ConfigInput {
  return {
    domainSalt: deployment.domainSalt,
    node: { port: me.port, database: `${me.path}.sqlite`, epochIntervalMs: 1_000, leaderTimeoutMs: 1_000 },
    posting: { deviationBps: 10, heartbeatSeconds: 4, standInMs: 1_000 },
    messages: { executeAfterSeconds: 2, reportAfterSeconds: 2, standInSeconds: 4 },
    peers: all
      .filter((other) => other !== me)
      .map(({ address, port }) => ({ address, url: `http://127.0.0.1:${port}` })),
    chains: deployment.chains.map(({ layerZero: _, rpcUrl, ...chain }) => ({
      ...chain,
      rpcUrls: [rpcUrl],
      pollMs: 200,
    })),
  };
}

/** One operator's node as a process. */
export interface OperatorProcess {
  readonly address: Address;
  readonly url: string;
  /** Of the process that runs now; 0 while none does. */
  pid(): number;
  start(): void;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
  /** Runs another command of the program to its end. */
  run(command: string, ...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  /** All lines of its log since the first start. */
  log(): readonly Record<string, unknown>[];
  get<T>(path: string): Promise<T | null>;
}

export function operatorProcess(
  config: ConfigInput,
  { address, privateKey, port, path }: OperatorPlan,
): OperatorProcess {
  const file = `${path}.toml`;
  writeFileSync(file, renderConfig(config));
  const env = { ...process.env, PLIMSOLL_OPERATOR_KEY: privateKey };
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  let output = "";

  const spawnProgram = (command: string, take: (text: string) => void, args: readonly string[] = []): ChildProcess => {
    const spawned = spawn(process.execPath, [program, command, "--config", file, ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    spawned.stdout?.on("data", (chunk: Buffer) => take(chunk.toString()));
    spawned.stderr?.on("data", (chunk: Buffer) => take(chunk.toString()));
    return spawned;
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null) return ending?.exitCode ?? null;
    const exited = once(ending, "exit");
    ending.kill(signal);
    const [code] = await exited;
    return code;
  };

  return {
    address: address.toLowerCase() as Address,
    url,
    pid: () => child?.pid ?? 0,
    start() {
      child = spawnProgram("start", (text) => {
        output += text;
      });
    },
    kill: async () => {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
    async run(command, ...args) {
      let text = "";
      const take = (chunk: string) => {
        text += chunk;
      };
      const other = spawnProgram(command, take, args);
      // Not "exit": what it printed last may still be on its way then.
      const [code] = await once(other, "close");
      return { code, output: text };
    },
    log: () =>
      output
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async get<T>(route: string) {
      try {
        const response = await fetch(`${url}${route}`, { signal: AbortSignal.timeout(2_000) });
        return response.ok ? ((await response.json()) as T) : null;
      } catch {
        return null; // not up
      }
    },
  };
}
