import { checkBlock, finalizedCut, isFinalized } from "@plimsoll/indexer/cut";
import type { Database } from "@plimsoll/indexer/database";
import { operatorSetAt, replacedSetsAt } from "@plimsoll/indexer/operators";
import { stateAtCut } from "@plimsoll/indexer/state";
import { wasPosted } from "@plimsoll/indexer/state/posted";
import { hashCut } from "@plimsoll/protocol/cut";
import type { StateAtCut } from "@plimsoll/protocol/state";
import type { Hex } from "viem";
import type { ChainView } from "./chainView.ts";

/** States kept in memory: a cut is read for its epoch, then again for pruning and for answers. */
const statesKept = 3;

/**
 * The chains as this node's own index has them.
 *
 * @param eids of the deployment, ascending.
 */
export function createIndexView(database: Database, hubEid: number, eids: readonly number[]): ChainView {
  const states = new Map<Hex, StateAtCut>();
  return {
    eids,
    finalizedCut: (previous) => finalizedCut(database, previous ?? undefined),
    checkBlock(block) {
      if (isFinalized(database, block)) return "canonical";
      return checkBlock(database, block) === "conflict" ? "not-canonical" : "not-indexed";
    },
    stateAt(cut) {
      const key = hashCut(cut);
      const state = states.get(key) ?? stateAtCut(database, hubEid, cut, [...states.values()].at(-1));
      states.delete(key);
      states.set(key, state);
      for (const oldest of states.keys()) {
        if (states.size <= statesKept) break;
        states.delete(oldest);
      }
      return state;
    },
    isPosted: (header) => (finalizedCut(database) ?? []).some((block) => wasPosted(database, block, header)),
    operatorSetAt: (cut) => operatorSetAt(database, cut),
    replacedSetsAt: (cut) => replacedSetsAt(database, cut),
  };
}
