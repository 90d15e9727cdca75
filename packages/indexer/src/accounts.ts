import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import { and, desc, eq, gt, ne } from "drizzle-orm";
import type { Address, Hex } from "viem";
import type { Database } from "./database.ts";
import { postedEpochs as postedTable } from "./tables/attestation.ts";
import { ledgerTotals, vaultTotals } from "./tables/collateral.ts";
import { stillInForce } from "./tables/columns.ts";
import { cash, positions } from "./tables/portfolio.ts";

// The newest blocks, finalized or not: what people are shown. What is signed comes from `stateAtCut`.

/** One asset of an account at one vault, in the token's own decimals, as of the newest indexed blocks. */
export interface AccountCollateral {
  readonly eid: Eid;
  readonly asset: Address;
  /** Cumulative, at the vault. */
  readonly deposited: bigint;
  readonly withdrawn: bigint;
  readonly requestedTotal: bigint;
  /** Cumulative, as the hub's ledger has them. */
  readonly reportedDeposited: bigint;
  readonly reportedWithdrawn: bigint;
  /** Deposited but not yet credited at the hub. */
  readonly inFlight: bigint;
}

/** Ascending by eid and asset. Empty for an account that never deposited. */
export function accountCollateral(database: Database, account: AccountId): AccountCollateral[] {
  const id = account.toLowerCase() as AccountId;
  const held = database.drizzle
    .select()
    .from(vaultTotals)
    .where(and(eq(vaultTotals.account, id), eq(vaultTotals.untilBlock, stillInForce)))
    .orderBy(vaultTotals.eid, vaultTotals.asset)
    .all();
  const reported = database.drizzle
    .select()
    .from(ledgerTotals)
    .where(and(eq(ledgerTotals.account, id), eq(ledgerTotals.untilBlock, stillInForce)))
    .all();
  const onRecord = new Map(reported.map((row) => [`${row.vaultEid}:${row.asset}`, row]));
  return held.map(({ eid, asset, deposited, withdrawn, requestedTotal }) => {
    const record = onRecord.get(`${eid}:${asset}`);
    const reportedDeposited = record?.deposited ?? 0n;
    const inFlight = deposited > reportedDeposited ? deposited - reportedDeposited : 0n;
    const reportedWithdrawn = record?.withdrawn ?? 0n;
    return { eid, asset, deposited, withdrawn, requestedTotal, reportedDeposited, reportedWithdrawn, inFlight };
  });
}

/** What an account has at one consumer, as of the newest indexed block. USD and units with 8 decimals. */
export interface AccountPortfolio {
  readonly eid: Eid;
  readonly consumer: Address;
  readonly cash: bigint;
  /** Without zero sizes. */
  readonly positions: readonly { readonly instrument: Hex; readonly size: bigint }[];
}

/** Ascending by eid and consumer: every consumer at which the account ever traded. */
export function accountPortfolios(database: Database, account: AccountId): AccountPortfolio[] {
  const id = account.toLowerCase() as AccountId;
  const cashRows = database.drizzle
    .select()
    .from(cash)
    .where(and(eq(cash.account, id), eq(cash.untilBlock, stillInForce)))
    .orderBy(cash.eid, cash.consumer)
    .all();
  const sizes = database.drizzle
    .select()
    .from(positions)
    .where(and(eq(positions.account, id), eq(positions.untilBlock, stillInForce), ne(positions.size, 0n)))
    .orderBy(positions.instrument)
    .all();
  return cashRows.map(({ eid, consumer, amount }) => {
    const here = sizes.filter((row) => row.eid === eid && row.consumer === consumer);
    return { eid, consumer, cash: amount, positions: here.map(({ instrument, size }) => ({ instrument, size })) };
  });
}

export interface ListAccountsParameters {
  /** At most 1000; 100 by default. */
  readonly limit?: number;
  /** The last account of the page before. */
  readonly after?: AccountId;
}

/** Every account that ever deposited, was reported or traded, ascending. */
export function listAccounts(
  database: Database,
  { limit = 100, after = "0x" }: ListAccountsParameters = {},
): AccountId[] {
  const known = [vaultTotals, ledgerTotals, cash].map((table) =>
    database.drizzle
      .selectDistinct({ account: table.account })
      .from(table)
      .where(gt(table.account, after))
      .orderBy(table.account)
      .limit(Math.min(limit, 1000))
      .all(),
  );
  return [...new Set(known.flat().map(({ account }) => account))].sort().slice(0, Math.min(limit, 1000));
}

export interface PostedEpoch {
  readonly eid: Eid;
  readonly epoch: number;
  readonly blockNumber: number;
  readonly transactionHash: Hex;
  readonly root: Hex;
  readonly expiresAtSeconds: number;
}

/**
 * Epochs posted on each chain, newest first, at most `limit` a chain (100 by default): as of the newest indexed blocks.
 *
 * @example
 * const newestOnChain = postedEpochs(database, { limit: 1 }).get(eid)?.[0];
 */
export function postedEpochs(database: Database, { limit = 100 }: { limit?: number } = {}): Map<Eid, PostedEpoch[]> {
  const chains = database.drizzle
    .selectDistinct({ eid: postedTable.eid })
    .from(postedTable)
    .orderBy(postedTable.eid)
    .all();
  const { eid, epoch, block: blockNumber, transactionHash, root, expiresAtSeconds } = postedTable;
  const columns = { eid, epoch, blockNumber, transactionHash, root, expiresAtSeconds };
  return new Map(
    chains.map((chain) => [
      chain.eid,
      database.drizzle
        .select(columns)
        .from(postedTable)
        .where(eq(eid, chain.eid))
        .orderBy(desc(epoch))
        .limit(limit)
        .all(),
    ]),
  );
}

/** Where one epoch was posted, as far as this node has read. Ascending by eid. */
export function postingsOf(database: Database, epoch: number): PostedEpoch[] {
  const { eid, block: blockNumber, transactionHash, root, expiresAtSeconds } = postedTable;
  return database.drizzle
    .select({ eid, epoch: postedTable.epoch, blockNumber, transactionHash, root, expiresAtSeconds })
    .from(postedTable)
    .where(eq(postedTable.epoch, epoch))
    .orderBy(eid)
    .all();
}

/** The newest epoch that each of the chains has posted; without those that have none. */
export function newestPosted(database: Database, eids: readonly Eid[]): Map<Eid, number> {
  const newest = eids.flatMap((eid) => {
    const row = database.drizzle
      .select({ epoch: postedTable.epoch })
      .from(postedTable)
      .where(eq(postedTable.eid, eid))
      .orderBy(desc(postedTable.epoch))
      .limit(1)
      .get();
    return row === undefined ? [] : ([[eid, row.epoch]] as const);
  });
  return new Map(newest);
}
