import type { Header } from "@plimsoll/protocol/epoch";
import type { CutBlock } from "@plimsoll/protocol/state";
import { and, eq, lte, max } from "drizzle-orm";
import type { Database } from "../database.ts";
import { postedEpochs } from "../tables/attestation.ts";

/** The newest epoch posted on the chain at the end of a block. */
export function postedEpochAt(database: Database, block: CutBlock): number | null {
  const row = database.drizzle
    .select({ epoch: max(postedEpochs.epoch) })
    .from(postedEpochs)
    .where(and(eq(postedEpochs.eid, block.eid), lte(postedEpochs.block, block.number)))
    .get();
  return row?.epoch ?? null;
}

/**
 * Whether a chain took this very epoch by the end of a block: same number, root and expiry. The contract there checked
 * a quorum of signatures, so nobody has to show them again.
 */
export function wasPosted(
  database: Database,
  block: CutBlock,
  { epoch, root, expiresAt }: Pick<Header, "epoch" | "root" | "expiresAt">,
): boolean {
  const row = database.drizzle
    .select({ epoch: postedEpochs.epoch })
    .from(postedEpochs)
    .where(
      and(
        eq(postedEpochs.eid, block.eid),
        eq(postedEpochs.epoch, epoch),
        eq(postedEpochs.root, root),
        eq(postedEpochs.expiresAtSeconds, expiresAt),
        lte(postedEpochs.block, block.number),
      ),
    )
    .get();
  return row !== undefined;
}
