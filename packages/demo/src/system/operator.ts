import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { DevnetAccount } from "@plimsoll/devnet/accounts";
import { type ConfigInput, renderConfig } from "@plimsoll/relayer/config";
import { ChildFailed } from "../errors.ts";

/** An operator's node as a process of its own, with its own key, SQLite file and port. */
export interface Operator {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process ends without having been asked to. */
  readonly failed: Promise<ChildFailed>;
  /** Ends it as Ctrl-C would, and waits. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

export interface OperatorPlan {
  readonly account: DevnetAccount;
  readonly port: number;
  /** Its configuration, database and log go here. */
  readonly directory: string;
  readonly config: ConfigInput;
}

const program = fileURLToPath(import.meta.resolve("@plimsoll/relayer/main"));
const stopDeadlineMs = 10_000;
/** Seconds on an idle machine; a busy one takes its time, and a dead process is noticed at once all the same. */
const readyDeadlineMs = 120_000;

/** Writes the operator's configuration and starts its process. */
export function startOperator({ account, port, directory, config }: OperatorPlan): Operator {
  const configFile = join(directory, `${account.name}.toml`);
  const logFile = join(directory, `${account.name}.log`);
  writeFileSync(configFile, renderConfig(config));
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [program, "start", "--config", configFile], {
    stdio: ["ignore", log, log],
    env: { ...process.env, PLIMSOLL_OPERATOR_KEY: account.privateKey },
  });
  let asked = false;
  const ended = once(child, "exit");
  const failed = ended.then(([code, signal]) =>
    asked
      ? new Promise<never>(() => {})
      : new ChildFailed(account.name, `ended (${signal ?? `exit code ${code}`})`, lastError(logFile), code),
  );
  async function end(signal: NodeJS.Signals): Promise<void> {
    asked = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const late = await Promise.race([ended.then(() => false), sleep(stopDeadlineMs, true, { ref: false })]);
    if (!late) return;
    child.kill("SIGKILL");
    await ended;
  }
  return {
    name: account.name,
    url: `http://127.0.0.1:${port}`,
    pid: processId(child),
    failed,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/**
 * Waits until the node answers and says that it serves.
 * @throws {ChildFailed}
 */
export async function operatorReady({ name, url }: Operator): Promise<void> {
  const deadlineMs = performance.now() + readyDeadlineMs;
  while (performance.now() < deadlineMs) {
    const healthy = await fetch(`${url}/v1/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy) return;
    await sleep(100);
  }
  throw new ChildFailed(name, `did not become healthy within ${readyDeadlineMs / 1000} s`, "");
}

function processId({ pid }: ChildProcess): number {
  if (pid === undefined) throw new ChildFailed("An operator's process", "could not be started", "");
  return pid;
}

/** The last line of the log that is an error, or else its last line. */
function lastError(logFile: string): string {
  const lines = readFileSync(logFile, "utf8").trim().split("\n");
  return lines.findLast((line) => /"level":(50|60)|rror/.test(line)) ?? lines.at(-1) ?? "";
}
