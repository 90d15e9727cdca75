import { emptyRoot } from "@plimsoll/protocol/merkle";
import type { Cut, StateAtCut } from "@plimsoll/protocol/state";
import { isPosted } from "@plimsoll/protocol/transition/path";
import type { Hex } from "viem";
import type { EpochSummary } from "../store/store.ts";

/** A chain at a cut, as far as it decides which epochs still matter there. */
export interface ChainAtCut {
  readonly eid: number;
  readonly timestampSeconds: number;
  /** Newest epoch posted there at the cut; null before the first. */
  readonly postedEpoch: number | null;
  readonly postedRoot: Hex | null;
}

export const chainsAtCut = (cut: Cut, state: StateAtCut): readonly ChainAtCut[] =>
  cut.map(({ eid, timestampSeconds }) => ({
    eid,
    timestampSeconds,
    postedEpoch: state.chains.get(eid)?.postedEpoch ?? null,
    postedRoot: state.chains.get(eid)?.postedRoot ?? null,
  }));

/** An epoch, as far as it decides where it matters. */
export type Placed = Pick<EpochSummary, "header" | "chainRoots">;

/**
 * Whether an epoch may matter on some chain at a cut: it is the one posted there, or it is newer, has leaves for the
 * chain and could still be posted there. The chain's own clock counts, so a stalled chain keeps epochs alive; the
 * transition sees to it that they do not become too many.
 */
export function isRelevantAt({ header, chainRoots }: Placed, chains: readonly ChainAtCut[]): boolean {
  return chains.some((at) => {
    const { eid, postedEpoch, timestampSeconds } = at;
    if (header.epoch <= (postedEpoch ?? 0)) return isPosted(at, { header });
    const hasLeaves = chainRoots.some((chain) => chain.eid === eid && chain.root !== emptyRoot);
    return hasLeaves && timestampSeconds <= header.expiresAt;
  });
}
