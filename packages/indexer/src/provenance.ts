import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Cut, CutBlock } from "@plimsoll/protocol/state";
import { and, eq, ne } from "drizzle-orm";
import type { Address, Hex } from "viem";
import type { Database } from "./database.ts";
import { at } from "./state/at.ts";
import { ledgerTotals, vaultTotals } from "./tables/collateral.ts";
import { cash, positions } from "./tables/portfolio.ts";
import { feedAnswers } from "./tables/risk.ts";

/** In which block each figure of an account came about that is in force at a cut. */
export interface AccountProvenance {
  readonly vaults: readonly { readonly eid: Eid; readonly asset: Address; readonly block: number }[];
  /** Blocks of the hub. `sequence` is the vault's own number of the report. */
  readonly ledger: readonly {
    readonly vaultEid: Eid;
    readonly asset: Address;
    readonly block: number;
    readonly sequence: bigint;
  }[];
  readonly cash: readonly { readonly eid: Eid; readonly consumer: Address; readonly block: number }[];
  readonly positions: readonly {
    readonly eid: Eid;
    readonly consumer: Address;
    readonly instrument: Hex;
    readonly block: number;
  }[];
  /** Blocks of the hub: of the newest answer of every feed. */
  readonly feeds: ReadonlyMap<Address, number>;
}

/**
 * Where the figures of an account at a cut come from.
 *
 * @example
 * const { ledger } = accountProvenance(database, hubEid, cut, account);
 */
export function accountProvenance(database: Database, hubEid: Eid, cut: Cut, account: AccountId): AccountProvenance {
  const hub = cut.find(({ eid }) => eid === hubEid);
  const of = <row>(look: (block: CutBlock) => row[]): row[] => cut.flatMap(look);
  const onHub = <row>(look: (block: CutBlock) => row[]): row[] => (hub === undefined ? [] : look(hub));
  const { drizzle } = database;
  return {
    vaults: of((block) =>
      drizzle
        .select({ eid: vaultTotals.eid, asset: vaultTotals.asset, block: vaultTotals.fromBlock })
        .from(vaultTotals)
        .where(and(at(vaultTotals, block), eq(vaultTotals.account, account)))
        .all(),
    ),
    ledger: onHub((block) => {
      const { vaultEid, asset, fromBlock, sequence } = ledgerTotals;
      return drizzle
        .select({ vaultEid, asset, block: fromBlock, sequence })
        .from(ledgerTotals)
        .where(and(at(ledgerTotals, block), eq(ledgerTotals.account, account)))
        .all();
    }),
    cash: of((block) =>
      drizzle
        .select({ eid: cash.eid, consumer: cash.consumer, block: cash.fromBlock })
        .from(cash)
        .where(and(at(cash, block), eq(cash.account, account)))
        .all(),
    ),
    positions: of((block) => {
      const { eid, consumer, instrument, fromBlock } = positions;
      return drizzle
        .select({ eid, consumer, instrument, block: fromBlock })
        .from(positions)
        .where(and(at(positions, block), eq(positions.account, account), ne(positions.size, 0n)))
        .all();
    }),
    feeds: new Map(
      onHub((block) =>
        drizzle
          .select({ feed: feedAnswers.feed, block: feedAnswers.fromBlock })
          .from(feedAnswers)
          .where(at(feedAnswers, block))
          .all(),
      ).map(({ feed, block }) => [feed, block]),
    ),
  };
}
