import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inconsistencies, type Told } from "./support/durability.ts";

// kill -9 in the middle of a node's writes. What a killed process leaves is what the kernel has of its files at that
// moment, and a stopped process leaves the same. So one process is stopped at many moments, and each time its files are
// copied and opened as if it had been killed there: starting a process takes seconds, stopping one milliseconds.

/** Of each process, before it is killed for good. */
const stops = 15;
/** A write takes about a millisecond: so many of them lie between two stops at most. */
const longestMs = 40;
/** For one start of a process, however busy the machine is. */
const startTimeout = { timeout: 180_000 };
const writerFile = fileURLToPath(import.meta.resolve("./support/dyingWriter.ts"));
const ps = promisify(execFile);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-durability-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A process that writes to a file as fast as it can. */
class Writer {
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  readonly #path: string;
  #output = "";

  private constructor(path: string, atomic: "atomic" | "split") {
    this.#path = path;
    this.#child = spawn(process.execPath, [writerFile, path, atomic], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
  }

  /** Resolves once it writes. */
  static async start(path: string, atomic: "atomic" | "split"): Promise<Writer> {
    const writer = new Writer(path, atomic);
    await once(writer.#child.stdout, "data");
    return writer;
  }

  /** Everything wrong with what it would leave if it were killed at a random moment from now. It goes on afterwards. */
  async leftAtRandomMoment(): Promise<string[]> {
    await sleep(Math.random() * longestMs);
    this.#child.kill("SIGSTOP");
    await this.#stopped();
    const copy = join(mkdtempSync(join(folder, "copy-")), "node.sqlite");
    // Without -shm: it is rebuilt by whoever opens the file first, which after a kill is the restarted node.
    for (const end of ["", "-wal"]) if (existsSync(this.#path + end)) copyFileSync(this.#path + end, copy + end);
    const wrong = inconsistencies(copy, await this.#told());
    rmSync(join(copy, ".."), { recursive: true });
    this.#child.kill("SIGCONT");
    return wrong;
  }

  /** Kills it, and gives everything wrong with what it left. */
  async kill(): Promise<string[]> {
    this.#child.kill("SIGKILL");
    const [, signal] = await once(this.#child, "close");
    expect(signal).toBe("SIGKILL");
    return inconsistencies(this.#path, await this.#told());
  }

  /** A signal is on its way for a while, and a thread may be in the middle of a system call. */
  async #stopped(): Promise<void> {
    for (;;) {
      const { stdout } = await ps("ps", ["-o", "state=", "-p", `${this.#child.pid}`]);
      if (stdout.trim().startsWith("T")) return;
    }
  }

  /** What left the process so far; the pipe is emptied first. */
  async #told(): Promise<Told[]> {
    for (let read = -1; read !== this.#output.length; ) {
      read = this.#output.length;
      await setImmediate();
    }
    const whole = this.#output.slice(0, this.#output.lastIndexOf("\n"));
    return whole.split("\n").map((line) => JSON.parse(line) as Told);
  }
}

// The second process goes on with what the first one left.
test.each(["the first", "a restarted"])(
  "behavior: wherever %s process is killed, journal, nonces and checkpoints are whole",
  startTimeout,
  async () => {
    const writer = await Writer.start(join(folder, "node.sqlite"), "atomic");
    for (let stop = 1; stop <= stops; stop++) {
      expect(await writer.leftAtRandomMoment(), `at stop ${stop}`).toEqual([]);
    }
    expect(await writer.kill()).toEqual([]);
  },
);

test("behavior: the same stops find a write that is split over two transactions", startTimeout, async () => {
  const writer = await Writer.start(join(folder, "split.sqlite"), "split");
  let found = 0;
  for (let stop = 1; stop <= stops; stop++) if ((await writer.leftAtRandomMoment()).length > 0) found++;
  await writer.kill();
  expect(found).toBeGreaterThan(0);
});
