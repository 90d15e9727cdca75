import type { Cut } from "@plimsoll/protocol/state";
import { and, desc, eq, lte, or } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "./database.ts";
import { operatorSets } from "./tables/attestation.ts";
import { riskSettings } from "./tables/risk.ts";

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
  /** The longest lifetime of an attestation that was registered within the day before: what it signed last may live so long. */
  readonly lifetimeSeconds: number;
}

/** Chains take no attestation that lives longer. */
const mostLifetimeSeconds = 86_400;

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
    .select({ ...columns, eid, timestampSeconds })
    .from(operatorSets)
    .where(ofRegistryUpTo(cut))
    .orderBy(...newestFirst)
    .all();
  return sets.slice(1).map(({ timestampSeconds: _, eid: hubEid, ...set }, index) => {
    const replacedAtSeconds = sets[index]?.timestampSeconds ?? 0;
    return { ...set, replacedAtSeconds, lifetimeSeconds: longestLifetime(database, hubEid, replacedAtSeconds) };
  });
}

/** Of those in force at some time of the day before. */
function longestLifetime(database: Database, hubEid: number, beforeSeconds: number): number {
  const told = database.drizzle
    .select({ setting: riskSettings.setting, atSeconds: riskSettings.atSeconds })
    .from(riskSettings)
    .where(
      and(eq(riskSettings.eid, hubEid), eq(riskSettings.kind, "margin"), lte(riskSettings.atSeconds, beforeSeconds)),
    )
    .orderBy(desc(riskSettings.fromBlock))
    .all();
  // The one that was in force when that day began is the last that counts.
  const since = told.findIndex(({ atSeconds }) => atSeconds <= beforeSeconds - mostLifetimeSeconds);
  const counting = since < 0 ? told : told.slice(0, since + 1);
  return counting.reduce(
    (longest, { setting }) =>
      setting.kind === "margin" ? Math.max(longest, setting.attestationLifetimeSeconds) : longest,
    0,
  );
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
