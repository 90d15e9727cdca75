import { and, type Column, eq, getTableColumns, lt, type SQL } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "../database.ts";
import { stillInForce } from "../tables/columns.ts";

type HistoryTable = SQLiteTable & { fromBlock: Column; untilBlock: Column };

function sameKey(table: HistoryTable, key: Readonly<Record<string, unknown>>): SQL[] {
  const columns = getTableColumns(table);
  return Object.entries(key).flatMap(([name, value]) => {
    const column = columns[name];
    return column === undefined ? [] : [eq(column, value)];
  });
}

/** The row of `key` that is in force now, if any. */
export function inForce<table extends HistoryTable>(
  database: Database,
  table: table,
  key: Partial<table["$inferInsert"]>,
): table["$inferSelect"] | undefined {
  return database.drizzle
    .select()
    .from(table as HistoryTable)
    .where(and(...sameKey(table, key), eq(table.untilBlock, stillInForce)))
    .get();
}

/**
 * From the end of `block` on, `values` hold for `key`. Within one block the last call wins; the same call twice is the
 * same as once. Blocks must not go back.
 */
export function supersede<table extends HistoryTable>(
  database: Database,
  table: table,
  block: number,
  key: Partial<table["$inferInsert"]>,
  values: Partial<table["$inferInsert"]>,
): void {
  const same = sameKey(table, key);
  database.drizzle
    .update(table as HistoryTable)
    .set({ untilBlock: block } as Record<string, unknown>)
    .where(and(...same, eq(table.untilBlock, stillInForce), lt(table.fromBlock, block)))
    .run();
  const began = and(...same, eq(table.fromBlock, block));
  const rewritten = database.drizzle
    .update(table as HistoryTable)
    .set(values as Record<string, unknown>)
    .where(began)
    .run();
  if (rewritten.changes > 0) return;
  const row = { ...key, ...values, fromBlock: block, untilBlock: stillInForce };
  database.drizzle
    .insert(table as HistoryTable)
    .values(row as Record<string, unknown>)
    .run();
}
