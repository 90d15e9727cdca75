import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import BetterSqlite3 from "better-sqlite3";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { DatabaseError, DatabaseInUseError, DatabaseVersionError } from "./errors.ts";

export { bindDeployment, resetChain } from "./deployment.ts";

/** The node's one file. Others may keep tables of their own in it, with a migrations table of their own. */
export interface Database {
  readonly path: string;
  readonly sqlite: BetterSqlite3.Database;
  readonly drizzle: BetterSQLite3Database;
  close(): void;
}

export interface OpenDatabaseOptions {
  /** Where drizzle-kit put the migrations. */
  readonly migrationsFolder?: string;
}

const migrationsTable = "indexer_migrations";
/** `Plim` in SQLite's header: tells our file from any other SQLite database. */
export const applicationId = 0x506c696d;
const ownMigrations = join(import.meta.dirname, "../migrations");

/**
 * Opens the node's database, creates it if it is not there, and brings an older one up to date.
 *
 * WAL with `synchronous = FULL`: a committed transaction is on the disk, power cut or not. The signing journal lives in
 * this file too, and a signature must never outlive the record of it.
 *
 * Only one process at a time: the lock is held by an open transaction on a file beside it, which the operating system
 * gives up when the process dies.
 *
 * @throws {DatabaseError} the file is not a database of this program.
 * @throws {DatabaseVersionError} a newer version of this program wrote it.
 * @throws {DatabaseInUseError} another process (or this one, already) has it open.
 *
 * @example
 * const database = openDatabase("node.sqlite");
 * database.close();
 */
export function openDatabase(path: string, options: OpenDatabaseOptions = {}): Database {
  const migrationsFolder = options.migrationsFolder ?? ownMigrations;
  const lock = takeLock(path);
  let sqlite: BetterSqlite3.Database | undefined;
  try {
    sqlite = openFile(path);
    refuseForeign(path, sqlite);
    refuseUnknownVersion(path, sqlite, migrationsFolder);
    sqlite.pragma("journal_mode = WAL");
    sqlite.pragma("synchronous = FULL");
    sqlite.pragma("foreign_keys = ON");
    // 64 MiB of pages, and sorting in memory: a state at a cut walks every row in force.
    sqlite.pragma("cache_size = -65536");
    sqlite.pragma("temp_store = MEMORY");
    sqlite.pragma(`application_id = ${applicationId}`);
    const orm = drizzle({ client: sqlite });
    migrate(orm, { migrationsFolder, migrationsTable });
    const opened = sqlite;
    return {
      path,
      sqlite: opened,
      drizzle: orm,
      close() {
        opened.close();
        lock?.close();
      },
    };
  } catch (error) {
    sqlite?.close();
    lock?.close();
    throw error;
  }
}

function takeLock(path: string): BetterSqlite3.Database | undefined {
  if (path === ":memory:") return undefined;
  let lock: BetterSqlite3.Database | undefined;
  try {
    lock = new BetterSqlite3(`${path}-lock`, { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof BetterSqlite3.SqliteError && error.code.startsWith("SQLITE_BUSY")) {
      throw new DatabaseInUseError(
        `${path} is open already`,
        "One node, one file: stop the other process, or give this node a file of its own.",
        error,
      );
    }
    throw new DatabaseError(
      `${path} cannot be opened`,
      "Check that its directory exists and can be written to.",
      error,
    );
  }
}

function openFile(path: string): BetterSqlite3.Database {
  try {
    const sqlite = new BetterSqlite3(path);
    // The first statement reads the header, so that a file of another kind is found out here.
    sqlite.pragma("schema_version");
    return sqlite;
  } catch (error) {
    throw new DatabaseError(`${path} is not an SQLite database`, "Check the path, or restore the file.", error);
  }
}

function refuseForeign(path: string, sqlite: BetterSqlite3.Database): void {
  const tables = sqlite.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table'").pluck().get();
  const ours = sqlite.pragma("application_id", { simple: true }) === applicationId;
  if (tables !== 0 && !ours) {
    throw new DatabaseError(`${path} is the database of another program`, "Name a file of this node's own.");
  }
}

function refuseUnknownVersion(path: string, sqlite: BetterSqlite3.Database, migrationsFolder: string): void {
  const { known, applied } = migrationsOf(sqlite, migrationsFolder);
  if (applied.length > known.length || applied.some((hash, index) => hash !== known[index])) throw otherVersion(path);
}

/**
 * For whoever only reads: the tables must be those of this version, for nobody brings them up to date.
 *
 * @throws {DatabaseVersionError}
 */
export function refuseUnmigrated(path: string, sqlite: BetterSqlite3.Database): void {
  const { known, applied } = migrationsOf(sqlite, ownMigrations);
  if (!isDeepStrictEqual(applied, known)) throw otherVersion(path);
}

function migrationsOf(sqlite: BetterSqlite3.Database, migrationsFolder: string) {
  if (!existsSync(join(migrationsFolder, "meta/_journal.json"))) {
    throw new DatabaseError(`${migrationsFolder} holds no migrations`, "Install the package again: it is incomplete.");
  }
  const exists = sqlite.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(migrationsTable);
  const hashes = () => sqlite.prepare(`SELECT hash FROM ${migrationsTable} ORDER BY created_at`).pluck().all();
  return {
    known: readMigrationFiles({ migrationsFolder }).map((migration) => migration.hash),
    applied: exists === undefined ? [] : hashes(),
  };
}

const otherVersion = (path: string) =>
  new DatabaseVersionError(
    `${path} was written by another version of this program`,
    "Run the version that wrote it, or a newer one; an older one would misread it.",
  );
