import type { Eid } from "@plimsoll/protocol/ids";
import { and, gt, lte, notExists, sql } from "drizzle-orm";
import type { Hex } from "viem";
import type { Database } from "./database.ts";
import { packetsDelivered, packetsSent, packetsVerified } from "./tables/message.ts";

const weekSeconds = 604_800;
/** More than so many are looked at the next time. */
const most = 200;

/** A LayerZero message that was sent and has not arrived, as of the newest indexed blocks. */
export interface UndeliveredMessage {
  readonly guid: Hex;
  /** `keccak256(guid ++ message)` */
  readonly payloadHash: Hex;
  readonly srcEid: Eid;
  readonly dstEid: Eid;
  readonly sentAtSeconds: number;
  /** Of the source chain: its receipt has the message itself. */
  readonly transactionHash: Hex;
  /** When the destination's verifiers had agreed on this very payload; null while they have not. */
  readonly verifiedAtSeconds: number | null;
}

/**
 * Messages of the last week that were sent before `beforeSeconds` and not delivered; at most 200. The oldest of every path
 * come first, then the next of every path: one that is held up hides no other.
 *
 * @example undeliveredMessages(database, Date.now() / 1000 - 300)
 */
export function undeliveredMessages(database: Database, beforeSeconds: number): UndeliveredMessage[] {
  const sent = packetsSent;
  const same = (table: typeof packetsDelivered | typeof packetsVerified) =>
    and(sql`${table.guid} = ${sent.guid}`, sql`${table.payloadHash} = ${sent.payloadHash}`);
  const delivered = database.drizzle.select({ one: sql`1` }).from(packetsDelivered).where(same(packetsDelivered));
  return database.drizzle
    .select({
      guid: sent.guid,
      payloadHash: sent.payloadHash,
      srcEid: sent.srcEid,
      dstEid: sent.dstEid,
      sentAtSeconds: sent.timestampSeconds,
      transactionHash: sent.transactionHash,
      verifiedAtSeconds: sql<number | null>`(
        SELECT max(${packetsVerified.timestampSeconds}) FROM ${packetsVerified} WHERE ${same(packetsVerified)}
      )`,
    })
    .from(sent)
    .where(
      and(
        gt(sent.timestampSeconds, Math.floor(beforeSeconds) - weekSeconds),
        lte(sent.timestampSeconds, Math.floor(beforeSeconds)),
        notExists(delivered),
      ),
    )
    .orderBy(
      sql`row_number() OVER (PARTITION BY ${sent.srcEid}, ${sent.dstEid} ORDER BY ${sent.timestampSeconds}, ${sent.guid})`,
      sent.timestampSeconds,
      sent.guid,
    )
    .limit(most)
    .all();
}
