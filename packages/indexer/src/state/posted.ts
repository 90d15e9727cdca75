import type { Header } from "@plimsoll/protocol/epoch";
import type { ChainState, CutBlock } from "@plimsoll/protocol/state";
import { and, desc, eq, lte } from "drizzle-orm";
import type { Database } from "../database.ts";
import { postedEpochs } from "../tables/attestation.ts";

/** The newest epoch posted on the chain at the end of a block. */
export function postedAt(database: Database, block: CutBlock): Pick<ChainState, "postedEpoch" | "postedRoot"> {
  const row = database.drizzle
    .select({ postedEpoch: postedEpochs.epoch, postedRoot: postedEpochs.root })
    .from(postedEpochs)
    .where(and(eq(postedEpochs.eid, block.eid), lte(postedEpochs.block, block.number)))
    .orderBy(desc(postedEpochs.epoch))
    .limit(1)
    .get();
  return row ?? { postedEpoch: null, postedRoot: null };
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
