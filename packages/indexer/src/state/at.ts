import type { CutBlock } from "@plimsoll/protocol/state";
import { and, type Column, eq, gt, lte, type SQL } from "drizzle-orm";
import type { Database } from "../database.ts";

/** What held at the end of a block. */
export function at(table: { eid: Column; fromBlock: Column; untilBlock: Column }, block: CutBlock): SQL | undefined {
  return and(eq(table.eid, block.eid), gt(table.untilBlock, block.number), lte(table.fromBlock, block.number));
}

/** Something by key as it was at the end of an earlier block of the same chain: only what changed since has to be read. */
export interface Known<Key, Value> {
  readonly block: CutBlock;
  readonly values: ReadonlyMap<Key, Value>;
}

/** What began to hold after `known`, and holds at the end of a block; all that holds then where nothing is known. */
export function begunSince(
  table: { eid: Column; fromBlock: Column; untilBlock: Column },
  block: CutBlock,
  known: Known<unknown, unknown> | undefined,
): SQL | undefined {
  return and(at(table, block), known && gt(table.fromBlock, known.block.number));
}

/**
 * What was known with what changed since. A row ends only where another one begins, so what has begun is all that changed.
 *
 * @param changes Ascending by key; undefined where nothing is left.
 */
export function withChanges<Key extends string, Value>(
  known: Known<Key, Value> | undefined,
  changes: Iterable<readonly [Key, Value | undefined]>,
): ReadonlyMap<Key, Value> {
  const coming = changes[Symbol.iterator]();
  let next = coming.next();
  if (known !== undefined && next.done) return known.values;
  const merged = new Map<Key, Value>();
  const take = ([key, value]: readonly [Key, Value | undefined]) => {
    if (value !== undefined) merged.set(key, value);
    next = coming.next();
  };
  for (const [key, value] of known?.values ?? []) {
    while (!next.done && next.value[0] < key) take(next.value);
    if (!next.done && next.value[0] === key) take(next.value);
    else merged.set(key, value);
  }
  while (!next.done) take(next.value);
  return merged;
}

/**
 * Runs a query without turning its rows into objects: there are hundreds of thousands of them, and that would be most of
 * the work. `columns` is what the query selects, in its order, as SQLite has it.
 */
export function rowsOf<columns extends unknown[]>(
  database: Database,
  query: { toSQL(): { sql: string; params: unknown[] } },
): columns[] {
  const { sql, params } = query.toSQL();
  return database.sqlite
    .prepare<unknown[], columns>(sql)
    .raw()
    .all(...params);
}
