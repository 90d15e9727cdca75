import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DevnetAccount } from "@plimsoll/devnet/accounts";
import { type ConfigInput, renderConfig } from "@plimsoll/relayer/config";
import { ChildFailed } from "../errors.ts";
import { type NodeProcess, startNodeProcess } from "./nodeProcess.ts";

/** An operator's node as a process of its own, with its own key, SQLite file and port. */
export interface Operator extends NodeProcess {
  readonly url: string;
}

export interface OperatorPlan {
  readonly account: DevnetAccount;
  readonly port: number;
  /** Its configuration, database and log go here. */
  readonly directory: string;
  readonly config: ConfigInput;
}

/** Seconds on an idle machine; a busy one takes its time, and a dead process is noticed at once all the same. */
const readyDeadlineMs = 300_000;

/** Writes the operator's configuration and starts its process. */
export function startOperator({ account, port, directory, config }: OperatorPlan): Operator {
  const { name, privateKey } = account;
  const configFile = join(directory, `${name}.toml`);
  writeFileSync(configFile, renderConfig(config));
  const args = ["start", "--config", configFile];
  const environment = { PLIMSOLL_OPERATOR_KEY: privateKey };
  const started = startNodeProcess(name, args, environment, join(directory, `${name}.log`));
  return { ...started, url: `http://127.0.0.1:${port}` };
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
