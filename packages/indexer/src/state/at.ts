import type { CutBlock } from "@plimsoll/protocol/state";
import { and, type Column, eq, gt, lte, type SQL } from "drizzle-orm";
import type { Database } from "../database.ts";

/** What held at the end of a block. */
export function at(table: { eid: Column; fromBlock: Column; untilBlock: Column }, block: CutBlock): SQL | undefined {
  return and(eq(table.eid, block.eid), gt(table.untilBlock, block.number), lte(table.fromBlock, block.number));
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
