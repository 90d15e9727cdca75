import type { Eid } from "@plimsoll/protocol/ids";
import { and, asc, desc, eq } from "drizzle-orm";
import type { Database } from "../database.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import type { Header } from "../rpc/wire.ts";
import { feedHistories } from "../tables/risk.ts";

// Reading the history of a feed that was named late takes hours on a long chain. What has been read is kept, so that a
// node that is restarted meanwhile goes on from there.

/** Where a history has been read to. */
export type ReadTo = Pick<Header, "number" | "hash">;

/**
 * How far the history of these feeds has been read on the chain as it is now. What is of other feeds, or of blocks that
 * have been replaced, is forgotten.
 */
export function resumeHistory(
  database: Database,
  of: { readonly eid: Eid; readonly feeds: string },
  isCanonical: (block: ReadTo) => boolean,
): ReadTo | undefined {
  return database.drizzle.transaction((orm) => {
    const { number, hash, feeds } = feedHistories;
    const ofChain = eq(feedHistories.eid, of.eid);
    for (;;) {
      const newest = orm.select({ number, hash, feeds }).from(feedHistories).where(ofChain).orderBy(desc(number)).get();
      if (newest === undefined || (newest.feeds === of.feeds && isCanonical(newest))) return newest;
      orm
        .delete(feedHistories)
        .where(and(ofChain, eq(number, newest.number)))
        .run();
    }
  });
}

/** Keeps what one range holds. */
export function keepHistory(
  database: Database,
  of: { readonly eid: Eid; readonly feeds: string },
  { number, hash }: ReadTo,
  range: readonly BlockWithLogs[],
): void {
  // Blooms have done their work.
  const blocks = range
    .filter(({ logs }) => logs.length > 0)
    .map(({ header, logs }) => ({ header: { ...header, logsBloom: "0x" as const }, logs }));
  database.drizzle
    .insert(feedHistories)
    .values({ ...of, number, hash, blocks })
    .run();
}

/** All blocks that have been kept, in the order of the chain. */
export function keptHistory(database: Database, eid: Eid): BlockWithLogs[] {
  const { blocks, number } = feedHistories;
  const ofChain = eq(feedHistories.eid, eid);
  const rows = database.drizzle.select({ blocks }).from(feedHistories).where(ofChain).orderBy(asc(number)).all();
  return rows.flatMap((row) => row.blocks);
}

export function forgetHistory(database: Database, eid: Eid): void {
  database.drizzle.delete(feedHistories).where(eq(feedHistories.eid, eid)).run();
}
