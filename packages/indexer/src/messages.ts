import type { AccountId } from "@plimsoll/protocol/ids";
import type { MessageJson } from "@plimsoll/protocol/wire";
import type BetterSqlite3 from "better-sqlite3";
import { type SQL, sql } from "drizzle-orm";
import type { Hex } from "viem";
import type { Database } from "./database.ts";

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
const bySending = `
  SELECT guid, payload_hash AS payloadHash, timestamp_seconds AS seen, account FROM packets_sent`;
const byVerification = `
  SELECT guid, payload_hash AS payloadHash, timestamp_seconds AS seen, NULL AS account FROM packets_verified verified
  WHERE NOT EXISTS (
    SELECT 1 FROM packets_sent sent WHERE sent.guid = verified.guid AND sent.payload_hash = verified.payload_hash
  ) AND verified.rowid = (
    SELECT min(rowid) FROM packets_verified same
    WHERE same.guid = verified.guid AND same.payload_hash = verified.payload_hash
  )`;

const has = (table: string) =>
  `EXISTS (SELECT 1 FROM ${table} e WHERE e.guid = keys.guid AND e.payload_hash = keys.payloadHash)`;
const status = `CASE WHEN ${has("packets_delivered")} THEN 'delivered' WHEN ${has("packets_failed")} THEN 'failed'
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

/** Every payload that was sent or verified under a guid, newest first: one, unless a verifier misbehaved. */
export function listPayloads(database: Database, guid: Hex): MessageJson[] {
  const keys = statementsOf(database).ofGuid.all({ guid: guid.toLowerCase() });
  return keys.map((key) => describe(database, key));
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
  keys: string,
  conditions: readonly SQL[],
  limit: number,
  wanted: MessageJson["status"] | undefined,
): { readonly found: readonly Key[]; readonly oldest: number } {
  const where = sql.join([sql`TRUE`, ...conditions], sql` AND `);
  const newestFirst = sql`ORDER BY seen DESC, guid DESC, payloadHash DESC`;
  const most = wanted === undefined ? limit : mostLookedAt;
  const lookedAt = sql`SELECT guid, payloadHash, seen FROM (${sql.raw(keys)}) WHERE ${where} ${newestFirst} LIMIT ${most}`;
  const found = database.drizzle.all<Key>(
    sql`SELECT * FROM (SELECT guid, payloadHash, seen, ${sql.raw(status)} AS status FROM (${lookedAt}) keys)
      WHERE ${wanted === undefined ? sql`TRUE` : sql`status = ${wanted}`} ${newestFirst} LIMIT ${limit}`,
  );
  if (found.length === limit) return { found, oldest: found.at(-1)?.seen ?? 0 };
  const reach = database.drizzle.get<{ count: number; oldest: number | null }>(
    sql`SELECT count(*) AS count, min(seen) AS oldest FROM (${lookedAt})`,
  );
  return { found, oldest: reach.count < most ? 0 : (reach.oldest ?? 0) };
}

interface Place {
  readonly blockNumber: number;
  readonly transactionHash: Hex;
  readonly timestampSeconds: number;
}
interface Path extends Pick<MessageJson, "nonce" | "srcEid" | "dstEid" | "sender" | "receiver"> {}

/** Compiled once: a page of messages asks a thousand times, and compiling takes longer than answering. */
interface Statements {
  readonly ofGuid: BetterSqlite3.Statement<[{ guid: string }], Key>;
  readonly sent: BetterSqlite3.Statement<[Key], Place & Path & Pick<MessageJson, "account">>;
  readonly verified: BetterSqlite3.Statement<[Key], Place & Path>;
  readonly delivered: BetterSqlite3.Statement<[Key], Place>;
}

const compiled = new WeakMap<Database["sqlite"], Statements>();

function statementsOf({ sqlite }: Database): Statements {
  const known = compiled.get(sqlite);
  if (known !== undefined) return known;
  const made: Statements = {
    ofGuid: sqlite.prepare(`SELECT guid, payloadHash, seen, ${status} AS status FROM (
      SELECT guid, payloadHash, seen FROM (${bySending}) WHERE guid = $guid
      UNION ALL SELECT guid, payloadHash, seen FROM (${byVerification}) WHERE guid = $guid
    ) keys ORDER BY seen DESC, payloadHash DESC LIMIT 500`),
    sent: sqlite.prepare(newest("packets_sent", [...place, ...path, "account"])),
    verified: sqlite.prepare(newest("packets_verified", [...place, ...path])),
    delivered: sqlite.prepare(newest("packets_delivered", place)),
  };
  compiled.set(sqlite, made);
  return made;
}

const place = [
  "block AS blockNumber",
  "transaction_hash AS transactionHash",
  "timestamp_seconds AS timestampSeconds",
] as const;
const path = ["nonce", "src_eid AS srcEid", "dst_eid AS dstEid", "sender", "receiver"] as const;

/** The newest event of a kind. */
const newest = (table: string, columns: readonly string[]): string =>
  `SELECT ${columns.join(", ")} FROM ${table} WHERE guid = $guid AND payload_hash = $payloadHash
    ORDER BY block DESC, log_index DESC LIMIT 1`;

/** A message with the newest event of each kind. */
function describe(database: Database, key: Key): MessageJson {
  const statements = statementsOf(database);
  const sent = statements.sent.get(key);
  const verified = statements.verified.get(key);
  const delivered = statements.delivered.get(key);
  const { nonce = "0", srcEid = 0, dstEid = 0, sender = "0x", receiver = "0x" } = sent ?? verified ?? {};
  return {
    ...{ guid: key.guid, payloadHash: key.payloadHash, nonce, srcEid, dstEid, sender, receiver },
    status: key.status,
    account: sent?.account ?? null,
    sent: placeOf(sent),
    verified: placeOf(verified),
    delivered: placeOf(delivered),
  };
}

function placeOf(event: Place | undefined): MessageJson["sent"] {
  if (event === undefined) return null;
  const { blockNumber, transactionHash, timestampSeconds } = event;
  return { blockNumber, transactionHash, timestampSeconds };
}
