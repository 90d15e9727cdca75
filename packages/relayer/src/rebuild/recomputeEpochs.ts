import type { Epoch } from "@plimsoll/protocol/epoch";
import type { TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import type { Hex } from "viem";
import type { ChainView } from "../quorum/chainView.ts";
import type { Protocol } from "../quorum/protocol.ts";
import { checkBlocks } from "../quorum/rules.ts";
import type { KeptProposal } from "./readProposals.ts";

/** How one epoch came out. */
export type Recomputed =
  | { readonly epoch: number; readonly digest: Hex; readonly outcome: "equal" }
  /** Computed, and not what was signed. */
  | {
      readonly epoch: number;
      readonly digest: Hex;
      readonly outcome: "different";
      readonly root: Hex;
      readonly mine: Hex;
    }
  /** An earlier epoch that it builds on was not given, or came out differently. */
  | { readonly epoch: number; readonly digest: Hex; readonly outcome: "earlier-missing" }
  /** A block of its cut is not final and canonical in this index. */
  | { readonly epoch: number; readonly digest: Hex; readonly outcome: "cut-unknown" };

/**
 * Computes epochs again, each from its cut and from those before it as they came out here: of what the network made,
 * only the cuts, the times and the order are taken over, and no result. With an index that was built from the chains
 * alone, equal digests say that nothing else went into what was signed.
 *
 * @param proposals ascending by epoch, from the first on: see `readProposals`.
 * @param onEqual told what the transition gave for every epoch that came out as it was signed.
 * @example
 * const view = createIndexView(rebuilt, hubEid, eids);
 * const outcomes = await recomputeEpochs(readProposals("operator.sqlite"), view, createProtocol(domainSalt));
 */
export async function recomputeEpochs(
  proposals: readonly KeptProposal[],
  view: ChainView,
  protocol: Pick<Protocol, "transition" | "digest">,
  onEqual: (result: TransitionResult) => void = () => {},
): Promise<Recomputed[]> {
  const computed = new Map<Hex, Epoch>();
  const recompute = async ({ digest, header, cut, earlier }: KeptProposal): Promise<Recomputed> => {
    const { epoch, operatorSetId, issuedAt } = header;
    const before = earlier.map((ref) => computed.get(ref.digest));
    if (!before.every((one) => one !== undefined)) return { epoch, digest, outcome: "earlier-missing" };
    if (checkBlocks(cut, view) !== null) return { epoch, digest, outcome: "cut-unknown" };
    const result = await protocol.transition({
      epoch,
      operatorSetId,
      issuedAt,
      state: view.stateAt(cut),
      earlier: before,
    });
    if (protocol.digest(result.epoch.header) !== digest) {
      return { epoch, digest, outcome: "different", root: header.root, mine: result.epoch.header.root };
    }
    computed.set(digest, result.epoch);
    onEqual(result);
    return { epoch, digest, outcome: "equal" };
  };
  const outcomes: Recomputed[] = [];
  for (const proposal of proposals) outcomes.push(await recompute(proposal));
  return outcomes;
}
