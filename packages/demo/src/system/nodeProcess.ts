import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ChildFailed } from "../errors.ts";

/** One `plimsoll` command as a process of its own. */
export interface NodeProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process ends without having been asked to. */
  readonly failed: Promise<ChildFailed>;
  /** Ends it as Ctrl-C would, and waits. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

const program = fileURLToPath(import.meta.resolve("@plimsoll/relayer/main"));
const stopDeadlineMs = 10_000;

/** @param environment beside this process's own. */
export function startNodeProcess(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  logFile: string,
): NodeProcess {
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", log, log],
    env: { ...process.env, ...environment },
  });
  let asked = false;
  const ended = once(child, "exit");
  const failed = ended.then(([code, signal]) =>
    asked
      ? new Promise<never>(() => {})
      : new ChildFailed(name, `ended (${signal ?? `exit code ${code}`})`, lastError(logFile), code),
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
  return { name, pid: processId(child, name), failed, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

function processId({ pid }: ChildProcess, name: string): number {
  if (pid === undefined) throw new ChildFailed(name, "could not be started", "");
  return pid;
}

/** The last line of the log that is an error, or else its last line. */
function lastError(logFile: string): string {
  const lines = readFileSync(logFile, "utf8").trim().split("\n");
  return lines.findLast((line) => /"level":(50|60)|rror/.test(line)) ?? lines.at(-1) ?? "";
}
