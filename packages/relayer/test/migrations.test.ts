import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { everythingIn, type OlderVersion, openNewest, writeOlder } from "./support/olderDatabase.ts";
import { copyDatabase, Stoppable } from "./support/stoppable.ts";

// kill -9 while a newer version brings an older one's file up to date: the next start finds everything, whether the older
// version's file as it was or the newer one's, never something in between.

const migrator = fileURLToPath(import.meta.resolve("./support/dyingMigrator.ts"));
/** About what one file takes: stops fall anywhere in it. */
const longestMs = 60;
/** For one start of a process, however busy the machine is. */
const startTimeout = { timeout: 180_000 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-migrations-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Stops a process that migrates, until what it would leave differs from what a migration in peace gives. */
async function differsAtStop(stops: number, version: OlderVersion, atomic: "atomic" | "split"): Promise<number | null> {
  const name = join(mkdtempSync(join(folder, "stops-")), "node.sqlite");
  const older = `${name}-older`;
  writeOlder(older, folder, version);
  copyDatabase(older, `${name}-peace`);
  const inPeace = foundIn(`${name}-peace`);
  const running = await Stoppable.start(migrator, older, name, atomic);
  try {
    for (let stop = 1; stop <= stops; stop++) {
      await sleep(Math.random() * longestMs);
      const copy = `${name}-copy${stop}`;
      await running.stoppedNow((lines) => copyDatabase(`${name}${lines.at(-1)}`, copy));
      if (foundIn(copy) !== inPeace) return stop;
      rmSync(copy);
    }
    return null;
  } finally {
    await running.kill();
  }
}

/** What the next start finds in the file; why there is none, where it cannot start. */
function foundIn(path: string): string {
  try {
    const database = openNewest(path);
    const found = JSON.stringify(everythingIn(database));
    database.close();
    return found;
  } catch (error) {
    return `${error}`;
  }
}

test.each<[string, OlderVersion]>([
  ["the first version of all", { indexer: 1, relayer: 1 }],
  ["one whose epochs are moved to another table, while other tables are emptied", { indexer: 2, relayer: 2 }],
])("behavior: wherever a node is killed that migrates a file of %s, all is there", startTimeout, async (_, version) => {
  expect(await differsAtStop(12, version, "atomic")).toBeNull();
});

test("behavior: such stops find migrations whose statements are transactions of their own", startTimeout, async () => {
  expect(await differsAtStop(200, { indexer: 2, relayer: 2 }, "split")).not.toBeNull();
});
