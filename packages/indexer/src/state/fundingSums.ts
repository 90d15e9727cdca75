import type { InstrumentId } from "@plimsoll/protocol/ids";
import type { Database } from "../database.ts";

/** The index at the end of a cell that nothing can change any more. */
export interface FundingSum {
  readonly untilSeconds: number;
  readonly fundingE8: bigint;
}

const known = new WeakMap<Database, Map<InstrumentId, FundingSum[]>>();

/** What has been summed up, ascending, to be gone on with. Saves reading all of history at every cut; changes no result. */
export function fundingSums(database: Database, instrument: InstrumentId): FundingSum[] {
  const ofDatabase = known.get(database) ?? new Map<InstrumentId, FundingSum[]>();
  known.set(database, ofDatabase);
  const sums = ofDatabase.get(instrument) ?? [];
  ofDatabase.set(instrument, sums);
  return sums;
}

/** When a chain is to be read anew: it may not be what it was. */
export function forgetFundingSums(database: Database): void {
  known.delete(database);
}
