import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "@plimsoll/indexer/database";
import { migrateStore } from "../../src/store/migrate.ts";

const packages = fileURLToPath(new URL("../../..", import.meta.url));
/** A file of some megabytes: bringing it up to date takes long enough to be stopped in the middle. */
const [epochs, contentBytes, blocks] = [60, 50_000, 3_000];

/** How many migrations a version of the program had. */
export interface OlderVersion {
  readonly indexer: number;
  readonly relayer: number;
}

/** Opens the file as the node does, and brings it up to date. */
export function openNewest(path: string): Database {
  const database = openDatabase(path);
  migrateStore(database);
  return database;
}

/** Writes a file as an older version left it. */
export function writeOlder(path: string, folder: string, version: OlderVersion): void {
  const database = openDatabase(path, { migrationsFolder: earlier(folder, "indexer", version.indexer) });
  migrateStore(database, earlier(folder, "relayer", version.relayer));
  const { sqlite } = database;
  const columns = sqlite.prepare("SELECT name FROM pragma_table_info('relayer_epochs')").pluck().all();
  const insert = (table: string, rows: number, values: string) =>
    sqlite.exec(`INSERT INTO ${table} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      SELECT ${values} FROM n`);
  if (columns.includes("content")) {
    insert("relayer_epochs", epochs, `i, '0x' || i, '{}', '[]', '[]', '[]', '', '', randomblob(${contentBytes}), i`);
  }
  insert("blocks", blocks, "1, i, '0x' || i, '0x' || (i - 1), i");
  insert("checkpoints", 1, `1, ${blocks}, '0x${blocks}', 1, NULL`);
  // What stands in the file itself: there is no older version that ended in the middle.
  sqlite.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
}

/** A package's first `count` migrations. */
function earlier(folder: string, name: "indexer" | "relayer", count: number): string {
  const migrations = mkdtempSync(join(folder, `${name}-`));
  cpSync(join(packages, name, "migrations"), migrations, { recursive: true });
  const path = join(migrations, "meta/_journal.json");
  const journal = JSON.parse(readFileSync(path, "utf8")) as { entries: unknown[] };
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  return migrations;
}

/** Everything in the file, its tables' definitions too; null where SQLite finds it damaged. */
export function everythingIn({ sqlite }: Database): unknown {
  if (sqlite.pragma("integrity_check", { simple: true }) !== "ok") return null;
  const tables = sqlite.prepare("SELECT name, sql FROM sqlite_master ORDER BY name").all() as { name: string }[];
  const rows = tables
    .filter((table) => "sql" in table && String(table.sql).startsWith("CREATE TABLE"))
    .map(({ name }) => sqlite.prepare(`SELECT * FROM "${name}"`).raw().all().map(readable));
  return { tables, rows };
}

/** A row whose blobs are short. */
const readable = (row: unknown): unknown[] =>
  (row as unknown[]).map((value) =>
    Buffer.isBuffer(value) ? createHash("sha256").update(value).digest("base64") : value,
  );
