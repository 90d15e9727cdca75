import { openDatabase } from "@plimsoll/indexer/database";
import BetterSqlite3 from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { Hex } from "viem";
import { migrateStore } from "../src/store/migrate.ts";
import type { Sql } from "../src/store/statements.ts";
import { contents, epochs, journal, postings, signatures, snapshots } from "../src/store/tables.ts";
import { attempts, nonces } from "../src/transactions/tables.ts";

/**
 * One operator's disk: SQLite itself, in memory. What the database committed is durable, for the node opens it with
 * `synchronous = FULL`; what a crash finds uncommitted is gone. A disk that does not sync holds one outer transaction
 * open, and a crash rolls it back: that is what a power failure does to it.
 */
export interface Disk {
  readonly sql: Sql;
  /** What a write does that a crash cuts short before its commit. */
  tear(write: () => void): void;
  /** The process is gone: only what is durable is left. */
  crash(): void;
  /** On a disk that does not sync by itself. */
  sync(): void;
  /** What the durable journal says was signed for an epoch. */
  journaled(epoch: number): Hex | null;
  /** Whether a transaction was written down before it was sent. What a disk that does not sync makes of it is not asked. */
  hasTransaction(hash: Hex): boolean;
  close(): void;
}

let template: Buffer | undefined;

/** An empty database with all tables, made once. */
function emptyDatabase(): Buffer {
  if (template !== undefined) return template;
  const database = openDatabase(":memory:");
  migrateStore(database);
  template = database.sqlite.serialize();
  database.close();
  return template;
}

/** A statement is compiled once: the store writes the same few again and again. */
function rememberStatements(sqlite: BetterSqlite3.Database): void {
  const prepare = sqlite.prepare.bind(sqlite);
  const known = new Map<string, ReturnType<typeof prepare>>();
  const remembering = (source: string) => {
    const statement = known.get(source) ?? prepare(source);
    known.set(source, statement);
    return statement;
  };
  Object.assign(sqlite, { prepare: remembering });
}

interface Connection {
  readonly sqlite: BetterSqlite3.Database;
  readonly sql: Sql;
}

/** Of worlds that are over, empty again: to open one and compile its statements takes longer than all that is written to it. */
const unused: Connection[] = [];

function connect(): Connection {
  const emptied = unused.pop();
  if (emptied !== undefined) return emptied;
  const sqlite = new BetterSqlite3(emptyDatabase());
  sqlite.pragma("temp_store = MEMORY");
  rememberStatements(sqlite);
  return { sqlite, sql: drizzle({ client: sqlite }) };
}

const tables = [journal, epochs, contents, snapshots, signatures, postings, nonces, attempts];

function disconnect(connection: Connection): void {
  const { sqlite, sql } = connection;
  if (sqlite.inTransaction) sqlite.exec("ROLLBACK");
  for (const table of tables) sql.delete(table).run();
  unused.push(connection);
}

export function createDisk(syncs: boolean): Disk {
  const connection = connect();
  const { sqlite, sql } = connection;
  const signed = sqlite.prepare<[number], { digest: Hex }>("SELECT digest FROM relayer_journal WHERE epoch = ?");
  const all = sqlite.prepare<[], { epoch: number; digest: Hex }>("SELECT epoch, digest FROM relayer_journal");
  const transaction = sqlite.prepare<[string]>("SELECT 1 FROM relayer_attempts WHERE hash = ?").pluck();
  const synced = new Map<number, Hex>();
  if (!syncs) sqlite.exec("BEGIN");
  return {
    sql,
    tear(write) {
      sqlite.exec("SAVEPOINT torn");
      try {
        write();
      } finally {
        sqlite.exec("ROLLBACK TO torn; RELEASE torn");
      }
    },
    crash() {
      if (!syncs) sqlite.exec("ROLLBACK; BEGIN");
    },
    sync() {
      if (syncs) return;
      for (const { epoch, digest } of all.all()) synced.set(epoch, digest);
      sqlite.exec("COMMIT; BEGIN");
    },
    journaled: (epoch) => (syncs ? signed.get(epoch)?.digest : synced.get(epoch)) ?? null,
    hasTransaction: (hash) => transaction.get(hash) === 1,
    close: () => disconnect(connection),
  };
}
