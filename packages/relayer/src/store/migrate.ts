import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "@plimsoll/indexer/database";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { StoreVersionError } from "./errors.ts";

const migrationsTable = "relayer_migrations";

/**
 * Adds the relayer's tables to the node's database, or brings them up to date.
 *
 * @throws StoreVersionError when another version of the program wrote them.
 */
export function migrateStore(
  { drizzle, sqlite }: Database,
  migrationsFolder = join(import.meta.dirname, "../../migrations"),
): void {
  if (!existsSync(join(migrationsFolder, "meta/_journal.json"))) throw new StoreVersionError("no migrations found");
  const known = readMigrationFiles({ migrationsFolder }).map(({ hash }) => hash);
  const exists = sqlite.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(migrationsTable);
  const applied =
    exists === undefined ? [] : sqlite.prepare(`SELECT hash FROM ${migrationsTable} ORDER BY created_at`).pluck().all();
  if (applied.some((hash, index) => hash !== known[index])) throw new StoreVersionError("unknown migrations applied");
  migrate(drizzle, { migrationsFolder, migrationsTable });
}
