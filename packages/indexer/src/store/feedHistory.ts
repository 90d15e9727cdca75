import type { Eid } from "@plimsoll/protocol/ids";
import { and, asc, desc, eq, inArray, notInArray } from "drizzle-orm";
import type { Address } from "viem";
import type { ChainConfig } from "../config.ts";
import type { Database } from "../database.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import type { Header } from "../rpc/wire.ts";
import { feedHistories } from "../tables/risk.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { unnamedFeeds } from "./feeds.ts";

// Reading a feed's history takes hours on a long chain. What has been read is kept, so that a node that is restarted
// meanwhile goes on from there.

/** Where a history has been read to. */
export type ReadTo = Pick<Header, "number" | "hash">;

/**
 * How far a feed's history has been read on the chain as it is now. What was read of blocks that have been replaced is
 * forgotten.
 */
export function resumeHistory(
  database: Database,
  of: { readonly eid: Eid; readonly feed: Address },
  isCanonical: (block: ReadTo) => boolean,
): ReadTo | undefined {
  return database.drizzle.transaction((orm) => {
    const { eid, feed, number } = feedHistories;
    for (;;) {
      const newest = historyReadTo(database, of.eid, of.feed);
      if (newest === undefined || isCanonical(newest)) return newest;
      orm
        .delete(feedHistories)
        .where(and(eq(eid, of.eid), eq(feed, of.feed), eq(number, newest.number)))
        .run();
    }
  });
}

/** How far a feed's history had been read; the end may have been replaced since. */
export function historyReadTo(database: Database, of: Eid, ofFeed: Address): ReadTo | undefined {
  const { eid, feed, number, hash } = feedHistories;
  return database.drizzle
    .select({ number, hash })
    .from(feedHistories)
    .where(and(eq(eid, of), eq(feed, ofFeed)))
    .orderBy(desc(number))
    .get();
}

/** Keeps what one range, read up to `to`, holds of each of these feeds. */
export function keepHistory(
  database: Database,
  {
    eid,
    feeds,
    to,
    range,
  }: {
    readonly eid: Eid;
    readonly feeds: readonly Address[];
    readonly to: ReadTo;
    readonly range: readonly BlockWithLogs[];
  },
): void {
  const { number, hash } = to;
  database.drizzle
    .insert(feedHistories)
    .values(feeds.map((feed) => ({ eid, feed, number, hash, blocks: answersOf(feed, range) })))
    .run();
}

function answersOf(feed: Address, range: readonly BlockWithLogs[]): BlockWithLogs[] {
  return range.flatMap(({ header, logs }) => {
    const answers = logs.filter(({ address }) => address === feed);
    // Blooms have done their work.
    return answers.length === 0 ? [] : [{ header: { ...header, logsBloom: "0x" as const }, logs: answers }];
  });
}

/** All blocks that have been kept of these feeds, those of each in the order of the chain. */
export function keptHistory(database: Database, of: Eid, feeds: readonly Address[]): BlockWithLogs[] {
  const { eid, feed, number, blocks } = feedHistories;
  const rows = database.drizzle
    .select({ blocks })
    .from(feedHistories)
    .where(and(eq(eid, of), inArray(feed, feeds)))
    .orderBy(asc(number))
    .all();
  return rows.flatMap((row) => row.blocks);
}

/**
 * Forgets all but the histories of upcoming feeds. Those are kept until a final block names the feed: a reorg may take the
 * naming back, and the next one must not wait for all of it to be read again.
 */
export function forgetHistoriesNotNeeded(database: Database, chain: ChainConfig): void {
  const needed = unnamedFeeds(database, chain, readCheckpoint(database, chain.eid)?.finalizedNumber ?? -1);
  const { eid, feed } = feedHistories;
  database.drizzle
    .delete(feedHistories)
    .where(and(eq(eid, chain.eid), notInArray(feed, needed)))
    .run();
}

export function forgetHistories(database: Database, eid: Eid): void {
  database.drizzle.delete(feedHistories).where(eq(feedHistories.eid, eid)).run();
}
