import { existsSync } from "node:fs";
import BetterSqlite3 from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { applicationId, type Database, refuseUnmigrated } from "./database.ts";
import { DatabaseError } from "./errors.ts";

/**
 * Opens a node's database to look at it, also while the node runs. Whatever is asked within one transaction is of one
 * moment. Nothing is created, migrated or locked, and every attempt to write fails.
 *
 * @throws {DatabaseError} there is no such file, or it is not a database of this program.
 * @throws {DatabaseVersionError} another version of this program wrote it.
 *
 * @example
 * const database = openReadOnlyDatabase("node.sqlite");
 * database.close();
 */
export function openReadOnlyDatabase(path: string): Database {
  if (!existsSync(path)) throw new DatabaseError(`${path} is not there`, "Check the path, or start the node once.");
  let sqlite: BetterSqlite3.Database | undefined;
  try {
    sqlite = new BetterSqlite3(path, { readonly: true, fileMustExist: true });
    const isOurs = sqlite.pragma("application_id", { simple: true }) === applicationId;
    if (!isOurs) throw new DatabaseError(`${path} is the database of another program`, "Name the node's own file.");
    refuseUnmigrated(path, sqlite);
    sqlite.pragma("temp_store = MEMORY");
    const opened = sqlite;
    return { path, sqlite: opened, drizzle: drizzle({ client: opened }), close: () => void opened.close() };
  } catch (error) {
    sqlite?.close();
    if (!(error instanceof BetterSqlite3.SqliteError)) throw error;
    throw new DatabaseError(
      `${path} cannot be read as an SQLite database`,
      "Check the path and who may read it.",
      error,
    );
  }
}
