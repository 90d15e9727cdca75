import pino from "pino";
import type { ChainConfig } from "../../src/config.ts";
import { type Database, openDatabase } from "../../src/database.ts";
import { type Indexer, startIndexer } from "../../src/indexer.ts";

export const silent = pino({ level: "silent" });

/** All of an index, table by table, in an order that does not depend on how it came about. */
export function dump(database: Database): Record<string, string[]> {
  const tables = database.sqlite
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'indexer_migrations' ORDER BY name")
    .pluck()
    .all() as string[];
  return Object.fromEntries(
    tables.map((table) => [
      table,
      database.sqlite
        .prepare(`SELECT * FROM ${table}`)
        .all()
        .map((row) => JSON.stringify(row))
        .sort(),
    ]),
  );
}

/** Reads everything into a new database in memory, and gives what it holds. */
export async function dumpFromScratch(chains: readonly ChainConfig[]): Promise<Record<string, string[]>> {
  const database = openDatabase(":memory:");
  const indexer = await startIndexer({ database, chains, log: silent });
  await indexer.caughtUp();
  await indexer.stop();
  return dump(database);
}

export interface TestNode {
  readonly database: Database;
  readonly indexer: Indexer;
  stop(): Promise<void>;
}

export async function startNode(chains: readonly ChainConfig[], path = ":memory:"): Promise<TestNode> {
  const database = openDatabase(path);
  const indexer = await startIndexer({ database, chains, log: silent });
  return {
    database,
    indexer,
    async stop() {
      await indexer.stop();
      database.close();
    },
  };
}

/** Asks until the answer is true; fails after two minutes. */
export async function eventually(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new DeadlineError(what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

class DeadlineError extends Error {}
