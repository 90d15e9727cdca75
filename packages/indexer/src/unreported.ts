import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import { and, eq, gte, notExists, sql } from "drizzle-orm";
import type { Hex } from "viem";
import type { Database } from "./database.ts";
import { stillInForce } from "./tables/columns.ts";
import { packetsDelivered, packetsSent } from "./tables/message.ts";

/** An account whose deposits at a vault are final there, and more than the hub knows of. */
export interface UnreportedCollateral {
  /** The vault's chain. */
  readonly eid: Eid;
  readonly account: AccountId;
  /** The newest report of it that the hub has; 0 before the first. */
  readonly knownSequence: number;
  /** Of the first block that holds a deposit which the hub does not know of. */
  readonly sinceSeconds: number;
  /** How far the vault's chain is read. */
  readonly indexedNumber: number;
  /** Reports sent since then that have not been seen to arrive, oldest first. */
  readonly underWay: readonly ReportUnderWay[];
}

/** A report on its way to the hub, by LayerZero's own names. */
export interface ReportUnderWay {
  readonly guid: Hex;
  readonly nonce: bigint;
  readonly srcEid: Eid;
  readonly sender: Hex;
  readonly receiver: Hex;
}

interface Row {
  readonly eid: Eid;
  readonly account: AccountId;
  readonly knownSequence: number;
  readonly sinceBlock: number;
  readonly sinceSeconds: number;
  readonly indexedNumber: number;
}

// Amounts are decimal text: of two, the longer one is the larger one.
const isMore = (one: string, other: string) => `(length(${one}), ${one}) > (length(${other}), ${other})`;

// What is withdrawn is left out: it counts from the moment it is approved, whether the hub hears of it or not.
const query = `
  WITH behind AS (
    SELECT v.eid, v.account, c.indexed_number AS indexedNumber, (
      SELECT min(first.from_block) FROM vault_totals first
      WHERE first.account = v.account AND first.eid = v.eid AND first.asset = v.asset
        AND ${isMore("first.deposited", "coalesce(l.deposited, '0')")}
    ) AS sinceBlock
    FROM checkpoints c
    JOIN vault_totals v ON v.eid = c.eid AND v.until_block > c.finalized_number AND v.from_block <= c.finalized_number
    LEFT JOIN ledger_totals l ON l.account = v.account AND l.eid = $hub AND l.vault_eid = v.eid AND l.asset = v.asset
      AND l.until_block = ${stillInForce}
    WHERE v.eid <> $hub AND ${isMore("v.deposited", "coalesce(l.deposited, '0')")}
  )
  SELECT behind.eid, behind.account, indexedNumber, min(sinceBlock) AS sinceBlock, min(b.timestamp_seconds) AS sinceSeconds, (
    SELECT coalesce(max(CAST(l.sequence AS INTEGER)), 0) FROM ledger_totals l
    WHERE l.account = behind.account AND l.eid = $hub AND l.vault_eid = behind.eid AND l.until_block = ${stillInForce}
  ) AS knownSequence
  FROM behind JOIN blocks b ON b.eid = behind.eid AND b.number = behind.sinceBlock
  GROUP BY behind.eid, behind.account
  HAVING sinceSeconds <= $before
  ORDER BY sinceSeconds, behind.eid, behind.account`;

/**
 * Deposits that the hub has not heard of although they were there at `beforeSeconds`, the oldest first. The hub's own vault
 * is left out: it needs no message.
 *
 * @example
 * const late = unreportedCollateral(database, hub.eid, Date.now() / 1000 - 900);
 */
export function unreportedCollateral(database: Database, hub: Eid, beforeSeconds: number): UnreportedCollateral[] {
  const rows = database.sqlite.prepare<object, Row>(query).all({ hub, before: Math.floor(beforeSeconds) });
  return rows.map(({ sinceBlock, ...row }) => ({ ...row, underWay: reportsUnderWay(database, row, sinceBlock) }));
}

function reportsUnderWay(
  database: Database,
  { eid, account }: Pick<Row, "eid" | "account">,
  fromBlock: number,
): ReportUnderWay[] {
  const { guid, nonce, srcEid, sender, receiver, block, logIndex } = packetsSent;
  const arrived = database.drizzle
    .select({ one: sql`1` })
    .from(packetsDelivered)
    .where(and(eq(packetsDelivered.guid, guid), eq(packetsDelivered.payloadHash, packetsSent.payloadHash)));
  return database.drizzle
    .select({ guid, nonce, srcEid, sender, receiver })
    .from(packetsSent)
    .where(and(eq(packetsSent.account, account), eq(srcEid, eid), gte(block, fromBlock), notExists(arrived)))
    .orderBy(block, logIndex)
    .all();
}
