import type { Cut } from "@plimsoll/protocol/state";
import { and, desc, eq, lte, or } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "./database.ts";
import { operatorSets } from "./tables/attestation.ts";

/** Members ascending, lowercase. */
export interface OperatorSet {
  readonly id: number;
  readonly threshold: number;
  readonly members: readonly Address[];
}

const { eid, source, block, logIndex, id, threshold, members } = operatorSets;
const columns = { id, threshold, members };
const newestFirst = [desc(block), desc(logIndex)] as const;

/** The set in force at a cut, by the hub's registry; null before the first. */
export function operatorSetAt(database: Database, cut: Cut): OperatorSet | null {
  const upTo = cut.map((cutBlock) => and(eq(eid, cutBlock.eid), lte(block, cutBlock.number)));
  const row = database.drizzle
    .select(columns)
    .from(operatorSets)
    .where(and(eq(source, "registry"), or(...upTo)))
    .orderBy(...newestFirst)
    .limit(1)
    .get();
  return row ?? null;
}

/** The newest set of the hub's registry that was indexed, finalized or not; null before the first. */
export function newestOperatorSet(database: Database): OperatorSet | null {
  const ofRegistry = eq(source, "registry");
  return (
    database.drizzle
      .select(columns)
      .from(operatorSets)
      .where(ofRegistry)
      .orderBy(...newestFirst)
      .limit(1)
      .get() ?? null
  );
}

/** The newest set that a chain's attestations contract has installed, finalized or not; null before the first. */
export function installedOperatorSet(database: Database, chainEid: number): OperatorSet | null {
  const row = database.drizzle
    .select(columns)
    .from(operatorSets)
    .where(and(eq(source, "chain"), eq(eid, chainEid)))
    .orderBy(...newestFirst)
    .limit(1)
    .get();
  return row ?? null;
}
