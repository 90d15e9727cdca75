import { type Column, getTableColumns } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "../database.ts";
import { stillInForce } from "../tables/columns.ts";
import { type Fields, insertRow, parametersOf, prepare } from "./statements.ts";

type HistoryTable = SQLiteTable & { fromBlock: Column; untilBlock: Column };

const all = (columns: readonly string[]): string => columns.map((column) => `${column} = ?`).join(" AND ");

/** The row of `key` that is in force now, if any. */
export function inForce<table extends HistoryTable>(
  database: Database,
  table: table,
  key: Partial<table["$inferInsert"]>,
): table["$inferSelect"] | undefined {
  const parts = [key as Fields];
  const fields = Object.entries(getTableColumns(table as SQLiteTable));
  const select = prepare(database, table, "in force", parts, (name, same = []) => {
    const selected = fields.map(([field, column]) => `"${column.name}" AS "${field}"`).join(", ");
    return `SELECT ${selected} FROM ${name} WHERE ${all(same)} AND "until_block" = ${stillInForce}`;
  });
  const row = select.statement.get(parametersOf(select, parts)) as Fields | undefined;
  if (row === undefined) return undefined;
  const entryOf = ([field, column]: (typeof fields)[number]) => {
    const value = row[field];
    return [field, value === null ? null : column.mapFromDriverValue(value)];
  };
  return Object.fromEntries(fields.map(entryOf)) as table["$inferSelect"];
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
  const began = { fromBlock: block };
  const same = [{ untilBlock: block }, key as Fields, began];
  const end = prepare(database, table, "end", same, (name, until = [], of = [], from = []) => {
    return `UPDATE ${name} SET ${all(until)} WHERE ${all(of)} AND "until_block" = ${stillInForce} AND ${from[0]} < ?`;
  });
  end.statement.run(parametersOf(end, same));
  const again = [values as Fields, key as Fields, began];
  const rewrite = prepare(database, table, "rewrite", again, (name, given = [], of = [], from = []) => {
    return `UPDATE ${name} SET ${given.map((column) => `${column} = ?`).join(", ")} WHERE ${all([...of, ...from])}`;
  });
  if (rewrite.statement.run(parametersOf(rewrite, again)).changes > 0) return;
  const row: Fields = { ...key, ...values, fromBlock: block, untilBlock: stillInForce };
  insertRow(database, table as SQLiteTable, row);
}
