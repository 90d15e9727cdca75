import { and, gt, lte, notExists, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { packetsDelivered, packetsSent } from "./tables/message.ts";

const ages = [
  { age: "under-5m", fromSeconds: 0, toSeconds: 300 },
  { age: "5m-30m", fromSeconds: 300, toSeconds: 1_800 },
  { age: "30m-2h", fromSeconds: 1_800, toSeconds: 7_200 },
  { age: "2h-7d", fromSeconds: 7_200, toSeconds: 604_800 },
] as const;

/** Messages sent and not delivered, of one age. What is older than a week is no longer on its way. */
export interface InFlight {
  readonly age: (typeof ages)[number]["age"];
  readonly count: number;
}

/**
 * How many messages are on their way, by age: as of the newest indexed blocks.
 *
 * @example messagesInFlight(database, Date.now() / 1000)
 */
export function messagesInFlight(database: Database, nowSeconds: number): InFlight[] {
  const delivered = database.drizzle
    .select({ one: sql`1` })
    .from(packetsDelivered)
    .where(sql`${packetsDelivered.guid} = ${packetsSent.guid}`);
  return ages.map(({ age, fromSeconds, toSeconds }) => {
    const sentAt = packetsSent.timestampSeconds;
    const isOfAge = and(
      gt(sentAt, Math.floor(nowSeconds) - toSeconds),
      lte(sentAt, Math.floor(nowSeconds) - fromSeconds),
    );
    const row = database.drizzle
      .select({ count: sql<number>`count(*)` })
      .from(packetsSent)
      // A clock of a chain that is ahead of ours: its newest messages are of the first age.
      .where(and(fromSeconds === 0 ? gt(sentAt, Math.floor(nowSeconds) - toSeconds) : isOfAge, notExists(delivered)))
      .get();
    return { age, count: row?.count ?? 0 };
  });
}
