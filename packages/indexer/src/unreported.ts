import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import { and, eq, gte, notExists, sql } from "drizzle-orm";
import type { Address, Hex } from "viem";
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
  /** The first block that holds a deposit which the hub does not know of, and its time. */
  readonly sinceBlock: number;
  readonly sinceSeconds: number;
  /** How far the vault's chain is read. */
  readonly indexedNumber: number;
  /** What the hub does not know of: never empty. */
  readonly amounts: readonly UnreportedAmount[];
}

export interface UnreportedAmount {
  readonly asset: Address;
  /** In the token's own decimals. */
  readonly amount: bigint;
}

/** A report on its way to the hub, by LayerZero's own names. */
export interface ReportUnderWay {
  readonly guid: Hex;
  readonly nonce: bigint;
  readonly srcEid: Eid;
  readonly sender: Hex;
  readonly receiver: Hex;
}

/** Of one asset. */
interface Row extends Omit<UnreportedCollateral, "amounts"> {
  readonly asset: Address;
  readonly deposited: string;
  readonly known: string;
}

// Amounts are decimal text: of two, the longer one is the larger one.
const isMore = (one: string, other: string) => `(length(${one}), ${one}) > (length(${other}), ${other})`;

// What is withdrawn is left out: it counts from the moment it is approved, whether the hub hears of it or not. SQLite is told
// how to go about it, by CROSS JOIN and by the plus that keeps an index out: left to itself it looks through all that is
// behind for every block, and through all that is in force for every account.
const query = `
  WITH behind AS MATERIALIZED (
    SELECT v.eid, v.account, v.asset, v.deposited, c.indexed_number AS indexedNumber,
      coalesce(l.deposited, '0') AS known
    FROM checkpoints c
    JOIN vault_totals v ON v.eid = c.eid AND v.until_block > c.finalized_number AND v.from_block <= c.finalized_number
    LEFT JOIN ledger_totals l ON l.account = v.account AND l.eid = $hub AND l.vault_eid = v.eid AND l.asset = v.asset
      AND l.until_block = ${stillInForce}
    WHERE v.eid <> $hub AND ${isMore("v.deposited", "coalesce(l.deposited, '0')")}
  ), dated AS MATERIALIZED (
    SELECT behind.*, (
      SELECT min(first.from_block) FROM vault_totals first
      WHERE first.account = behind.account AND first.eid = behind.eid AND first.asset = behind.asset
        AND ${isMore("first.deposited", "behind.known")}
    ) AS sinceBlock, (
      SELECT coalesce(max(CAST(l.sequence AS INTEGER)), 0) FROM ledger_totals l
      WHERE l.account = behind.account AND l.eid = $hub AND l.vault_eid = behind.eid AND +l.until_block = ${stillInForce}
    ) AS knownSequence
    FROM behind
  )
  SELECT dated.*, b.timestamp_seconds AS sinceSeconds
  FROM dated CROSS JOIN blocks b ON b.eid = dated.eid AND b.number = dated.sinceBlock
  ORDER BY sinceSeconds, dated.eid, dated.account, dated.asset`;

/**
 * Deposits that the hub has not heard of although they were there at `beforeSeconds`, the oldest first. The hub's own vault
 * is left out: it needs no message.
 *
 * @example
 * const late = unreportedCollateral(database, hub.eid, Date.now() / 1000 - 900);
 */
export function unreportedCollateral(database: Database, hub: Eid, beforeSeconds: number): UnreportedCollateral[] {
  const found = new Map<string, UnreportedCollateral & { amounts: UnreportedAmount[] }>();
  for (const row of database.sqlite.prepare<object, Row>(query).iterate({ hub })) {
    const { asset, deposited, known, ...rest } = row;
    const key = `${rest.eid}:${rest.account}`;
    const one = found.get(key) ?? { ...rest, amounts: [] };
    one.amounts.push({ asset, amount: BigInt(deposited) - BigInt(known) });
    found.set(key, one);
  }
  return [...found.values()].filter(({ sinceSeconds }) => sinceSeconds <= beforeSeconds);
}

/** Reports of an account that were sent since its deposit and have not been seen to arrive, oldest first. */
export function reportsUnderWay(
  database: Database,
  { eid, account, sinceBlock }: Pick<UnreportedCollateral, "eid" | "account" | "sinceBlock">,
): ReportUnderWay[] {
  const { guid, nonce, srcEid, sender, receiver, block, logIndex } = packetsSent;
  const arrived = database.drizzle
    .select({ one: sql`1` })
    .from(packetsDelivered)
    .where(and(eq(packetsDelivered.guid, guid), eq(packetsDelivered.payloadHash, packetsSent.payloadHash)));
  return database.drizzle
    .select({ guid, nonce, srcEid, sender, receiver })
    .from(packetsSent)
    .where(and(eq(packetsSent.account, account), eq(srcEid, eid), gte(block, sinceBlock), notExists(arrived)))
    .orderBy(block, logIndex)
    .all();
}
