import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { DatabaseError, DatabaseVersionError } from "./errors.ts";
import { openReadOnlyDatabase } from "./readOnlyDatabase.ts";
import { deployment } from "./tables/chain.ts";

let folder: string;
let path: string;
let node: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "indexer-read-only-"));
  path = join(folder, "node.sqlite");
  node = openDatabase(path);
});
afterEach(() => {
  node.close();
  rmSync(folder, { recursive: true });
});

describe("openReadOnlyDatabase", () => {
  test("default: reads what a running node writes, and writes nothing", () => {
    const reader = openReadOnlyDatabase(path);
    try {
      expect(reader.drizzle.select().from(deployment).all()).toEqual([]);
      const row = { eid: 1, identity: {} as never };
      node.drizzle.insert(deployment).values(row).run();
      expect(reader.drizzle.select().from(deployment).all()).toEqual([row]);
      expect(() => reader.drizzle.delete(deployment).run()).toThrow(/readonly/);
    } finally {
      reader.close();
    }
  });

  test("error: DatabaseError, what is not there or not ours", () => {
    expect(() => openReadOnlyDatabase(join(folder, "nowhere.sqlite"))).toThrow(DatabaseError);
    const text = join(folder, "text.sqlite");
    writeFileSync(text, "no database, but long enough for a header of one".repeat(10));
    expect(() => openReadOnlyDatabase(text)).toThrow(DatabaseError);
    const other = join(folder, "other.sqlite");
    new BetterSqlite3(other).exec("CREATE TABLE theirs (one)").close();
    expect(() => openReadOnlyDatabase(other)).toThrow(DatabaseError);
  });

  test("error: DatabaseVersionError, of an older or a newer version", () => {
    node.sqlite.pragma("wal_checkpoint(TRUNCATE)");
    for (const change of [
      "DELETE FROM indexer_migrations WHERE rowid = (SELECT max(rowid) FROM indexer_migrations)",
      "INSERT INTO indexer_migrations (hash, created_at) VALUES ('newer', 9999999999999)",
    ]) {
      const copy = join(folder, "copy.sqlite");
      copyFileSync(path, copy);
      new BetterSqlite3(copy).exec(change).close();
      expect(() => openReadOnlyDatabase(copy)).toThrow(DatabaseVersionError);
    }
  });
});
