import type { AccountId } from "@plimsoll/protocol/ids";
import type { MessageJson } from "@plimsoll/protocol/wire";
import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import type { Hex } from "viem";
import type { Database } from "./database.ts";
import { packetsDelivered, packetsSent, packetsVerified } from "./tables/message.ts";

/** A status is looked for among so many messages: whoever asks for a rare one must not make us look at all of them. */
const mostLookedAt = 5_000;

export interface ListMessagesParameters {
  readonly account?: AccountId;
  /** Looked for among the newest 5000 messages that the other parameters leave. */
  readonly status?: MessageJson["status"];
  /** At most 500; 50 by default. */
  readonly limit?: number;
  /** The guid of the last message of the page before. */
  readonly before?: Hex;
}

// Every (guid, payload hash) once: by its sending, or by its verification where no such thing was ever sent.
const bySending = sql`
  SELECT guid, payload_hash AS payloadHash, timestamp_seconds AS seen, account FROM packets_sent`;
const byVerification = sql`
  SELECT guid, payload_hash AS payloadHash, timestamp_seconds AS seen, NULL AS account FROM packets_verified verified
  WHERE NOT EXISTS (
    SELECT 1 FROM packets_sent sent WHERE sent.guid = verified.guid AND sent.payload_hash = verified.payload_hash
  ) AND verified.rowid = (
    SELECT min(rowid) FROM packets_verified same
    WHERE same.guid = verified.guid AND same.payload_hash = verified.payload_hash
  )`;

const has = (table: string) =>
  sql.raw(`EXISTS (SELECT 1 FROM ${table} e WHERE e.guid = keys.guid AND e.payload_hash = keys.payloadHash)`);
const status = sql`CASE WHEN ${has("packets_delivered")} THEN 'delivered' WHEN ${has("packets_failed")} THEN 'failed'
  WHEN ${has("packets_verified")} THEN 'verified' ELSE 'sent' END`;

interface Key {
  readonly guid: Hex;
  readonly payloadHash: Hex;
  readonly seen: number;
  readonly status: MessageJson["status"];
}

/**
 * LayerZero messages from or to our contracts, newest first: as of the newest indexed blocks.
 *
 * @example
 * listMessages(database, { account, status: "sent" });
 */
export function listMessages(database: Database, parameters: ListMessagesParameters = {}): MessageJson[] {
  const { account, status: wanted, limit = 50, before } = parameters;
  const conditions: SQL[] = [];
  if (account !== undefined) conditions.push(sql`account = ${account.toLowerCase()}`);
  if (before !== undefined) {
    const last = before.toLowerCase();
    conditions.push(sql`(seen, guid) < (${firstSeen(last)}, ${last})`);
  }
  return select(database, conditions, Math.min(limit, 500), wanted);
}

/**
 * One message: its delivered payload, else the one that was sent. Null when the guid is unknown.
 *
 * @example
 * const message = getMessage(database, guid);
 */
export function getMessage(database: Database, guid: Hex): MessageJson | null {
  const payloads = listPayloads(database, guid);
  const delivered = payloads.find((payload) => payload.status === "delivered");
  return delivered ?? payloads.find(({ sent }) => sent) ?? payloads[0] ?? null;
}

/** Every payload that was sent or verified under a guid: one, unless a verifier misbehaved. */
export function listPayloads(database: Database, guid: Hex): MessageJson[] {
  return select(database, [sql`guid = ${guid.toLowerCase()}`], 500);
}

/** When a message that ended a page was seen, whichever way it is known. */
function firstSeen(guid: string): SQL {
  return sql`coalesce(
    (SELECT max(timestamp_seconds) FROM packets_sent WHERE guid = ${guid}),
    (SELECT min(timestamp_seconds) FROM packets_verified WHERE guid = ${guid}))`;
}

function select(
  database: Database,
  conditions: readonly SQL[],
  limit: number,
  wanted?: MessageJson["status"],
): MessageJson[] {
  const sent = page(database, bySending, conditions, limit, wanted);
  // What was verified and never sent is rare, or it would be news: only as far back as the page goes is it looked for.
  const reached = [...conditions, sql`seen >= ${sent.oldest}`];
  const verified = page(database, byVerification, reached, limit, wanted);
  const newestFirst = [...sent.found, ...verified.found].sort((a, b) => b.seen - a.seen || (a.guid < b.guid ? 1 : -1));
  return newestFirst.slice(0, limit).map((key) => describe(database, key));
}

/** The newest, and how far back they were looked for: 0 where there are no more. */
function page(
  database: Database,
  keys: SQL,
  conditions: readonly SQL[],
  limit: number,
  wanted: MessageJson["status"] | undefined,
): { readonly found: readonly Key[]; readonly oldest: number } {
  const where = sql.join([sql`TRUE`, ...conditions], sql` AND `);
  const newestFirst = sql`ORDER BY seen DESC, guid DESC, payloadHash DESC`;
  const most = wanted === undefined ? limit : mostLookedAt;
  const lookedAt = sql`SELECT guid, payloadHash, seen FROM (${keys}) WHERE ${where} ${newestFirst} LIMIT ${most}`;
  const found = database.drizzle.all<Key>(
    sql`SELECT * FROM (SELECT guid, payloadHash, seen, ${status} AS status FROM (${lookedAt}) keys)
      WHERE ${wanted === undefined ? sql`TRUE` : sql`status = ${wanted}`} ${newestFirst} LIMIT ${limit}`,
  );
  if (found.length === limit) return { found, oldest: found.at(-1)?.seen ?? 0 };
  const reach = database.drizzle.get<{ count: number; oldest: number | null }>(
    sql`SELECT count(*) AS count, min(seen) AS oldest FROM (${lookedAt})`,
  );
  return { found, oldest: reach.count < most ? 0 : (reach.oldest ?? 0) };
}

/** A message with the newest event of each kind. */
function describe(database: Database, key: Key): MessageJson {
  const sent = newest(database, packetsSent, key);
  const verified = newest(database, packetsVerified, key);
  const delivered = newest(database, packetsDelivered, key);
  const path = sent ?? verified;
  return {
    guid: key.guid,
    payloadHash: key.payloadHash,
    nonce: `${path?.nonce ?? 0n}`,
    srcEid: path?.srcEid ?? 0,
    dstEid: path?.dstEid ?? 0,
    sender: path?.sender ?? "0x",
    receiver: path?.receiver ?? "0x",
    status: key.status,
    account: sent?.account ?? null,
    sent: placeOf(sent),
    verified: placeOf(verified),
    delivered: placeOf(delivered),
  };
}

type EventTable = typeof packetsSent | typeof packetsVerified | typeof packetsDelivered;

function newest<table extends EventTable>(
  database: Database,
  table: table,
  { guid, payloadHash }: Key,
): table["$inferSelect"] | undefined {
  return database.drizzle
    .select()
    .from(table as EventTable)
    .where(and(eq(table.guid, guid), eq(table.payloadHash, payloadHash)))
    .orderBy(desc(table.block), desc(table.logIndex))
    .limit(1)
    .get();
}

function placeOf(event: typeof packetsDelivered.$inferSelect | undefined): MessageJson["sent"] {
  if (event === undefined) return null;
  const { block: blockNumber, transactionHash, timestampSeconds } = event;
  return { blockNumber, transactionHash, timestampSeconds };
}
