import type { Eid } from "@plimsoll/protocol/ids";
import type { CutBlock } from "@plimsoll/protocol/state";
import { and, desc, eq, gte } from "drizzle-orm";
import type { Hex } from "viem";
import type { Database } from "../database.ts";
import { blocks, checkpoints } from "../tables/chain.ts";

export type Checkpoint = typeof checkpoints.$inferSelect;

/** How far a chain was read; undefined before its first block. */
export function readCheckpoint(database: Database, eid: Eid): Checkpoint | undefined {
  return database.drizzle.select().from(checkpoints).where(eq(checkpoints.eid, eid)).get();
}

export function writeCheckpoint(database: Database, checkpoint: Checkpoint): void {
  const { eid: _, ...set } = checkpoint;
  database.drizzle.insert(checkpoints).values(checkpoint).onConflictDoUpdate({ target: checkpoints.eid, set }).run();
}

/** The header we hold of a block number, if any. */
export function storedBlock(database: Database, eid: Eid, number: number): CutBlock | undefined {
  return database.drizzle
    .select({ eid: blocks.eid, number: blocks.number, hash: blocks.hash, timestampSeconds: blocks.timestampSeconds })
    .from(blocks)
    .where(and(eq(blocks.eid, eid), eq(blocks.number, number)))
    .get();
}

/** Stored blocks at or above `number`, newest first. */
export function storedBlocksFrom(database: Database, eid: Eid, number: number): { number: number; hash: Hex }[] {
  return database.drizzle
    .select({ number: blocks.number, hash: blocks.hash })
    .from(blocks)
    .where(and(eq(blocks.eid, eid), gte(blocks.number, number)))
    .orderBy(desc(blocks.number))
    .all();
}
