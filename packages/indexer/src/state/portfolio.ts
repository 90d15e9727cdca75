import type { AccountId, InstrumentId } from "@plimsoll/protocol/ids";
import type { CutBlock, Portfolio } from "@plimsoll/protocol/state";
import { and, eq, inArray, lte, ne, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { cash, positions } from "../tables/portfolio.ts";
import { at, begunSince, type Known, rowsOf, withChanges } from "./at.ts";

interface Writable {
  cash: bigint;
  readonly positions: Map<InstrumentId, bigint>;
}

type CashRow = [account: AccountId, amount: string];
type PositionRow = [account: AccountId, instrument: InstrumentId, size: string];

/** What the accounts of one consumer hold at the end of a block: those that have cash or a position. */
export function portfoliosAt(
  database: Database,
  block: CutBlock,
  consumer: Address,
  known?: Known<AccountId, Portfolio>,
): ReadonlyMap<AccountId, Portfolio> {
  const changed = new Map<AccountId, Writable>();
  const begun = and(begunSince(cash, block, known), eq(cash.consumer, consumer));
  const cashQuery = database.drizzle
    .select({ account: cash.account, amount: cash.amount })
    .from(cash)
    .where(begun)
    .orderBy(cash.account);
  for (const [account, amount] of rowsOf<CashRow>(database, cashQuery)) {
    changed.set(account, { cash: BigInt(amount), positions: new Map() });
  }
  if (known !== undefined && changed.size === 0) return known.values;
  // Every change of a position comes with one of cash, so the account is there.
  const { account, instrument, size } = positions;
  const concerned =
    known && inArray(account, database.drizzle.select({ account: cash.account }).from(cash).where(begun));
  // With a plus an index is not used: a few accounts are found by their own, not among all that is in force.
  const inForce = known
    ? and(
        eq(positions.eid, block.eid),
        sql`+${positions.untilBlock} > ${block.number}`,
        lte(positions.fromBlock, block.number),
      )
    : at(positions, block);
  const positionsQuery = database.drizzle
    .select({ account, instrument, size })
    .from(positions)
    .where(and(inForce, eq(positions.consumer, consumer), ne(size, 0n), concerned))
    .orderBy(account, instrument);
  for (const [account, instrument, size] of rowsOf<PositionRow>(database, positionsQuery)) {
    changed.get(account)?.positions.set(instrument, BigInt(size));
  }
  return withChanges(
    known,
    [...changed].map(([account, portfolio]) => {
      const nothing = portfolio.cash === 0n && portfolio.positions.size === 0;
      return [account, nothing ? undefined : portfolio] as const;
    }),
  );
}
