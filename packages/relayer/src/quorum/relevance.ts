import { emptyRoot } from "@plimsoll/protocol/merkle";
import type { Cut, StateAtCut } from "@plimsoll/protocol/state";
import type { EpochSummary } from "../store/store.ts";

/** A chain at a cut, as far as it decides which epochs still matter there. */
export interface ChainAtCut {
  readonly eid: number;
  readonly timestampSeconds: number;
  /** Newest epoch posted there at the cut; null before the first. */
  readonly postedEpoch: number | null;
}

export const chainsAtCut = (cut: Cut, state: StateAtCut): readonly ChainAtCut[] =>
  cut.map(({ eid, timestampSeconds }) => ({
    eid,
    timestampSeconds,
    postedEpoch: state.chains.get(eid)?.postedEpoch ?? null,
  }));

/** An epoch, as far as it decides where it matters. */
export type Placed = Pick<EpochSummary, "header" | "chainRoots">;

/**
 * Whether an epoch may matter on some chain at a cut: it is the one posted there, or it is newer, has leaves for the
 * chain and could still be posted there. The chain's own clock counts, so a stalled chain keeps epochs alive; the
 * transition sees to it that they do not become too many.
 */
export function isRelevantAt({ header, chainRoots }: Placed, chains: readonly ChainAtCut[]): boolean {
  return chains.some(({ eid, postedEpoch, timestampSeconds }) => {
    if (header.epoch <= (postedEpoch ?? 0)) return header.epoch === postedEpoch;
    const hasLeaves = chainRoots.some((chain) => chain.eid === eid && chain.root !== emptyRoot);
    return hasLeaves && timestampSeconds <= header.expiresAt;
  });
}
