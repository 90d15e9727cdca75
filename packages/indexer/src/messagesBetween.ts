import type { Eid } from "@plimsoll/protocol/ids";
import type { MessageJson } from "@plimsoll/protocol/wire";
import { and, eq, gt, lte } from "drizzle-orm";
import type { Hex } from "viem";
import type { Database } from "./database.ts";
import { listPayloads } from "./messages.ts";
import { packetsDelivered, packetsFailed, packetsSent, packetsVerified } from "./tables/message.ts";

/** More than so many are a backlog, not news. */
const most = 500;

/**
 * Messages of which something happened in blocks above `after` and up to `upTo`, by chain: as they stand now. Null when
 * there are more than 500.
 *
 * @example
 * const news = messagesBetween(database, new Map([[40001, 120]]), new Map([[40001, 123]]));
 */
export function messagesBetween(
  database: Database,
  after: ReadonlyMap<Eid, number>,
  upTo: ReadonlyMap<Eid, number>,
): MessageJson[] | null {
  const guids = new Set<Hex>();
  for (const [eid, from] of after) {
    const to = upTo.get(eid);
    if (to === undefined || to <= from) continue;
    for (const table of [packetsSent, packetsVerified, packetsDelivered, packetsFailed]) {
      const rows = database.drizzle
        .select({ guid: table.guid })
        .from(table as typeof packetsDelivered)
        .where(and(eq(table.eid, eid), gt(table.block, from), lte(table.block, to)))
        .orderBy(table.block, table.logIndex)
        .limit(most + 1)
        .all();
      for (const { guid } of rows) guids.add(guid);
    }
    if (guids.size > most) return null;
  }
  return [...guids].flatMap((guid) => listPayloads(database, guid));
}
