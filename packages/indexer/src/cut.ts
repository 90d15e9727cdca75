import type { Cut, CutBlock } from "@plimsoll/protocol/state";
import type { Database } from "./database.ts";
import { boundChains } from "./deployment.ts";
import { CutConflictError } from "./errors.ts";
import { readCheckpoint, storedBlock } from "./store/checkpoint.ts";

/**
 * The newest finalized block that is indexed, for every chain, ascending by eid. A chain that has stalled keeps its last
 * one, and no chain goes back behind `previousCut`.
 *
 * Null until every chain has one, and for as long as a chain is halted because it broke its finality.
 *
 * @throws {CutConflictError} `previousCut` names a block that is not on the chain we follow: nothing may be signed.
 *
 * @example
 * const cut = finalizedCut(database, previous.cut);
 */
export function finalizedCut(database: Database, previousCut?: Cut): Cut | null {
  const previous = new Map(previousCut?.map((block) => [block.eid, block]));
  const cut: CutBlock[] = [];
  for (const { eid } of boundChains(database)) {
    const checkpoint = readCheckpoint(database, eid);
    const before = previous.get(eid);
    if (checkpoint?.halted != null) return null;
    if (before !== undefined && checkBlock(database, before) === "conflict") throw conflict(before);
    const number = checkpoint?.finalizedNumber ?? null;
    const newest = number === null ? undefined : storedBlock(database, eid, number);
    const block = before !== undefined && (newest === undefined || newest.number < before.number) ? before : newest;
    if (block === undefined) return null;
    cut.push(block);
  }
  return cut;
}

/**
 * What our own index says of a block: on our chain, not read (yet, or not kept), or another block at that number. A block
 * of our chain with another timestamp is a conflict too: the timestamp is part of the cut.
 */
export function checkBlock(database: Database, block: CutBlock): "canonical" | "unknown" | "conflict" {
  const stored = storedBlock(database, block.eid, block.number);
  if (stored === undefined) return "unknown";
  const same = stored.hash === block.hash.toLowerCase() && stored.timestampSeconds === block.timestampSeconds;
  return same && readCheckpoint(database, block.eid)?.halted == null ? "canonical" : "conflict";
}

/** Whether a block is on our chain, and final by this node's own view. */
export function isFinalized(database: Database, block: CutBlock): boolean {
  const finalized = readCheckpoint(database, block.eid)?.finalizedNumber ?? null;
  return finalized !== null && block.number <= finalized && checkBlock(database, block) === "canonical";
}

export function conflict(block: CutBlock): CutConflictError {
  return new CutConflictError(
    `block ${block.number} (${block.hash}) of chain ${block.eid} is not on the chain this node follows`,
    "Compare this node's RPC endpoints with other operators': one of you follows another chain.",
  );
}
