import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inconsistencies, type Told } from "./support/durability.ts";
import { copyDatabase, Stoppable } from "./support/stoppable.ts";

// kill -9 in the middle of a node's writes. One process is stopped at many moments, and each time its files are copied and
// opened as if it had been killed there.

/** Of each process, before it is killed for good. */
const stops = 15;
/** A write takes about a millisecond: so many of them lie between two stops at most. */
const longestMs = 40;
/** For one start of a process, however busy the machine is. */
const startTimeout = { timeout: 180_000 };
const writerFile = fileURLToPath(import.meta.resolve("./support/dyingWriter.ts"));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-durability-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A process that writes to a file as fast as it can. */
const startWriter = (path: string, atomic: "atomic" | "split") => Stoppable.start(writerFile, path, atomic);

/** Everything wrong with what it would leave if it were killed at a random moment from now. It goes on afterwards. */
async function leftAtRandomMoment(writer: Stoppable, path: string): Promise<string[]> {
  await sleep(Math.random() * longestMs);
  return await writer.stoppedNow((lines) => {
    const copy = join(mkdtempSync(join(folder, "copy-")), "node.sqlite");
    copyDatabase(path, copy);
    const wrong = inconsistencies(copy, lines.map(parseTold));
    rmSync(join(copy, ".."), { recursive: true });
    return wrong;
  });
}

const parseTold = (line: string) => JSON.parse(line) as Told;

// The second process goes on with what the first one left.
test.each(["the first", "a restarted"])(
  "behavior: wherever %s process is killed, journal, nonces and checkpoints are whole",
  startTimeout,
  async () => {
    const path = join(folder, "node.sqlite");
    const writer = await startWriter(path, "atomic");
    for (let stop = 1; stop <= stops; stop++) {
      expect(await leftAtRandomMoment(writer, path), `at stop ${stop}`).toEqual([]);
    }
    const told = await writer.kill();
    expect(inconsistencies(path, told.map(parseTold))).toEqual([]);
  },
);

test("behavior: the same stops find a write that is split over two transactions", startTimeout, async () => {
  const path = join(folder, "split.sqlite");
  const writer = await startWriter(path, "split");
  let found = 0;
  for (let stop = 1; stop <= stops; stop++) if ((await leftAtRandomMoment(writer, path)).length > 0) found++;
  await writer.kill();
  expect(found).toBeGreaterThan(0);
});
