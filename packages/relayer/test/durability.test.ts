import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inconsistencies, type Told } from "./support/durability.ts";

// kill -9 in the middle of a node's writes, at any moment, again and again on the same file.

/** Of each of two files. Most of a round is the start of a process. */
const kills = 5;
/** A write takes about a millisecond; so many of them happen before the end at most. */
const longestMs = 60;
const writer = fileURLToPath(import.meta.resolve("./support/dyingWriter.ts"));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-durability-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Lets the writer write until a random moment; gives what left its process by then. */
async function writeUntilKilled(path: string, atomic: "atomic" | "split"): Promise<Told[]> {
  const child = spawn(process.execPath, [writer, path, atomic], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child.stdout, "data");
  await sleep(Math.random() * longestMs);
  child.kill("SIGKILL");
  const [, signal] = await once(child, "close");
  expect(signal).toBe("SIGKILL");
  const whole = output.slice(0, output.lastIndexOf("\n"));
  return whole.split("\n").map((line) => JSON.parse(line) as Told);
}

async function killAgainAndAgain(path: string): Promise<void> {
  for (let kill = 1; kill <= kills; kill++) {
    const told = await writeUntilKilled(path, "atomic");
    expect(inconsistencies(path, told), `after kill ${kill}`).toEqual([]);
  }
}

test("behavior: journal, nonces and checkpoints are whole after every kill", { timeout: 180_000 }, async () => {
  await Promise.all(["one", "another"].map((name) => killAgainAndAgain(join(folder, `${name}.sqlite`))));
});

test("behavior: the same kills find a write that is split over two transactions", { timeout: 180_000 }, async () => {
  for (let kill = 0; kill < 4 * kills; kill++) {
    const path = join(folder, `split-${kill}.sqlite`);
    if (inconsistencies(path, await writeUntilKilled(path, "split")).length > 0) return;
  }
  expect.unreachable("no kill fell between two halves of a write");
});
