import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "@plimsoll/indexer/database";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { StoreVersionError } from "./errors.ts";

const migrationsTable = "relayer_migrations";
const ownMigrations = join(import.meta.dirname, "../../migrations");

/**
 * Adds the relayer's tables to the node's database, or brings them up to date.
 *
 * @throws StoreVersionError when another version of the program wrote them.
 */
export function migrateStore({ drizzle, sqlite }: Database, migrationsFolder = ownMigrations): void {
  migrationsOf(sqlite, migrationsFolder);
  migrate(drizzle, { migrationsFolder, migrationsTable });
}

/**
 * For whoever only reads: nobody brings the tables up to date for them.
 *
 * @throws StoreVersionError
 */
export function refuseUnmigratedStore({ sqlite }: Pick<Database, "sqlite">): void {
  const { known, applied } = migrationsOf(sqlite, ownMigrations);
  if (applied.length === known.length) return;
  const hint = "Start the node with this version, which brings its database up to date, and ask again.";
  throw new StoreVersionError("an earlier version wrote them", hint);
}

function migrationsOf(sqlite: Database["sqlite"], migrationsFolder: string) {
  if (!existsSync(join(migrationsFolder, "meta/_journal.json"))) throw new StoreVersionError("no migrations found");
  const known = readMigrationFiles({ migrationsFolder }).map(({ hash }) => hash);
  const exists = sqlite.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(migrationsTable);
  const applied =
    exists === undefined ? [] : sqlite.prepare(`SELECT hash FROM ${migrationsTable} ORDER BY created_at`).pluck().all();
  if (applied.some((hash, index) => hash !== known[index])) throw new StoreVersionError("unknown migrations applied");
  return { known, applied };
}
