import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@plimsoll/indexer/database";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreVersionError } from "./errors.ts";
import { migrateStore, refuseUnmigratedStore } from "./migrate.ts";

const migrations = join(import.meta.dirname, "../../migrations");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-migrate-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The migrations as an earlier version had them: the first `count`. */
function earlier(count: number): string {
  cpSync(migrations, folder, { recursive: true });
  const path = join(folder, "meta/_journal.json");
  const journal = JSON.parse(readFileSync(path, "utf8")) as { entries: unknown[] };
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  return folder;
}

test("behavior: what a node kept of its epochs is all there after contents moved to a table of their own, and its layout is known", () => {
  const database = openDatabase(":memory:");
  migrateStore(database, earlier(2));
  const content = Buffer.from("03aabb", "hex");
  const insert = database.sqlite.prepare(
    "INSERT INTO relayer_epochs VALUES (?, ?, '{}', '[]', '[]', '[]', '0x01', '0x02', ?, ?)",
  );
  insert.run(1, "0xaa", null, 5);
  insert.run(2, "0xbb", content, null);
  migrateStore(database);
  const all = (table: string) => database.sqlite.prepare(`SELECT * FROM ${table} ORDER BY epoch`).all();
  expect(all("relayer_contents")).toEqual([{ epoch: 2, digest: "0xbb", content }]);
  expect(all("relayer_epochs")).toMatchObject([
    { epoch: 1, digest: "0xaa", proposer: "0x01", proposer_signature: "0x02", layout: 0, attested_at_ms: 5 },
    { epoch: 2, digest: "0xbb", proposer: "0x01", proposer_signature: "0x02", layout: 3, attested_at_ms: null },
  ]);
  database.close();
});

test("error: StoreVersionError, for a file that a newer version wrote", () => {
  const database = openDatabase(":memory:");
  migrateStore(database);
  const older = earlier(2);
  expect(() => migrateStore(database, older)).toThrow(StoreVersionError);
  database.close();
});

test("error: StoreVersionError, for whoever only looks at a file that an earlier version wrote", () => {
  const database = openDatabase(":memory:");
  migrateStore(database, earlier(2));
  expect(() => refuseUnmigratedStore(database)).toThrow(StoreVersionError);
  migrateStore(database);
  refuseUnmigratedStore(database);
  database.close();
});
