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

/** A set that another one took the place of. */
export interface ReplacedSet extends OperatorSet {
  /** Time of the hub's block that replaced it, seconds since 1970. */
  readonly replacedAtSeconds: number;
}

const { eid, source, block, logIndex, id, threshold, members, timestampSeconds } = operatorSets;
const columns = { id, threshold, members };
const newestFirst = [desc(block), desc(logIndex)] as const;

/** The set in force at a cut, by the hub's registry; null before the first. */
export function operatorSetAt(database: Database, cut: Cut): OperatorSet | null {
  const row = database.drizzle
    .select(columns)
    .from(operatorSets)
    .where(ofRegistryUpTo(cut))
    .orderBy(...newestFirst)
    .limit(1)
    .get();
  return row ?? null;
}

/** All sets that were in force before a cut, by the hub's registry; the newest first. */
export function replacedSetsAt(database: Database, cut: Cut): readonly ReplacedSet[] {
  const sets = database.drizzle
    .select({ ...columns, timestampSeconds })
    .from(operatorSets)
    .where(ofRegistryUpTo(cut))
    .orderBy(...newestFirst)
    .all();
  return sets.slice(1).map(({ timestampSeconds: _, ...set }, index) => {
    return { ...set, replacedAtSeconds: sets[index]?.timestampSeconds ?? 0 };
  });
}

function ofRegistryUpTo(cut: Cut) {
  const upTo = cut.map((cutBlock) => and(eq(eid, cutBlock.eid), lte(block, cutBlock.number)));
  return and(eq(source, "registry"), or(...upTo));
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
