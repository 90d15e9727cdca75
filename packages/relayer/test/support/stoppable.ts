import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";

const ps = promisify(execFile);

/** It had ended by itself: what it left says nothing. */
class EndedError extends Error {}

/**
 * A process that can be looked at as if it had been killed. What a killed process leaves is what the kernel has of its
 * files at that moment, and a stopped process leaves the same; starting one takes seconds, stopping it milliseconds.
 */
export class Stoppable {
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  #output = "";

  private constructor(script: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
  }

  /** Resolves once it prints. */
  static async start(script: string, ...args: readonly string[]): Promise<Stoppable> {
    const started = new Stoppable(script, args);
    await once(started.#child.stdout, "data");
    return started;
  }

  /** What `look` finds while the process is stopped, given the lines that it has printed. It goes on afterwards. */
  async stoppedNow<T>(look: (lines: readonly string[]) => T): Promise<T> {
    this.#child.kill("SIGSTOP");
    await this.#stopped();
    const found = look(await this.#lines());
    this.#child.kill("SIGCONT");
    return found;
  }

  /** Kills it, and gives the lines that it has printed. */
  async kill(): Promise<readonly string[]> {
    this.#child.kill("SIGKILL");
    const [, signal] = await once(this.#child, "close");
    if (signal !== "SIGKILL") throw new EndedError();
    return await this.#lines();
  }

  /** A signal is on its way for a while, and a thread may be in the middle of a system call. */
  async #stopped(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null) throw new EndedError();
      const { stdout } = await ps("ps", ["-o", "state=", "-p", `${this.#child.pid}`]);
      if (stdout.trim().startsWith("T")) return;
    }
  }

  /** What left the process so far; the pipe is emptied first. */
  async #lines(): Promise<readonly string[]> {
    for (let read = -1; read !== this.#output.length; ) {
      read = this.#output.length;
      await setImmediate();
    }
    return this.#output.slice(0, this.#output.lastIndexOf("\n")).split("\n");
  }
}

/** A database's files as they are. Without -shm: it is rebuilt by whoever opens it first, which after a kill is the restarted node. */
export function copyDatabase(from: string, to: string): void {
  for (const end of ["", "-wal"]) if (existsSync(from + end)) copyFileSync(from + end, to + end);
}
