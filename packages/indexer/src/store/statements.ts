import type BetterSqlite3 from "better-sqlite3";
import { type Column, getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "../database.ts";

// Putting a query together and compiling it takes several times as long as running it, and a backfill runs the same few
// for every event. So those that write events are put together once for every set of columns, and compiled once for every
// database.

/** A row, or a part of one, by the names of the table's fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** A statement whose parameters are fields of one or several parts. What the table has no column for is left out. */
export interface PreparedFields {
  readonly parameters: readonly { readonly part: number; readonly field: string; readonly column: Column }[];
  readonly statement: BetterSqlite3.Statement<unknown[], unknown>;
}

const prepared = new WeakMap<Database["sqlite"], Map<string, PreparedFields>>();

/**
 * A statement, compiled at its first use.
 *
 * @param sqlOf What it is, given the table's name and for each part its columns' names, each ready for SQL.
 */
export function prepare(
  { sqlite }: Database,
  table: SQLiteTable,
  what: string,
  parts: readonly Fields[],
  sqlOf: (name: string, ...parts: readonly string[][]) => string,
): PreparedFields {
  const ofDatabase = prepared.get(sqlite) ?? new Map<string, PreparedFields>();
  prepared.set(sqlite, ofDatabase);
  const name = getTableName(table);
  const key = `${what} ${name} ${parts.map((part) => Object.keys(part)).join(" ")}`;
  const known = ofDatabase.get(key);
  if (known !== undefined) return known;
  const columnsOf = getTableColumns(table) as Record<string, Column>;
  const parameters = parts.map((fields, part) =>
    Object.keys(fields).flatMap((field) => {
      const column = columnsOf[field];
      return column === undefined ? [] : [{ part, field, column }];
    }),
  );
  const sql = sqlOf(quoted(name), ...parameters.map((of) => of.map(({ column }) => quoted(column.name))));
  const made = { parameters: parameters.flat(), statement: sqlite.prepare<unknown[], unknown>(sql) };
  ofDatabase.set(key, made);
  return made;
}

const quoted = (name: string): string => `"${name}"`;

/** What SQLite is given for the fields of parts. */
export function parametersOf({ parameters }: PreparedFields, parts: readonly Fields[]): unknown[] {
  return parameters.map(({ part, field, column }) => {
    const value = parts[part]?.[field];
    return value === null || value === undefined ? null : column.mapToDriverValue(value);
  });
}

/** Adds a row; one that is there already stays as it is where `onConflict` says so. */
export function insertRow<table extends SQLiteTable>(
  database: Database,
  table: table,
  row: table["$inferInsert"],
  onConflict: "fail" | "ignore" = "fail",
): void {
  const parts = [row as Fields];
  const insert = prepare(database, table, onConflict, parts, (name, columns = []) => {
    const values = columns.map(() => "?").join(", ");
    const rest = onConflict === "ignore" ? " ON CONFLICT DO NOTHING" : "";
    return `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${values})${rest}`;
  });
  insert.statement.run(parametersOf(insert, parts));
}
