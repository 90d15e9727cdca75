import type { Header } from "@plimsoll/protocol/epoch";
import type { Cut } from "@plimsoll/protocol/state";
import type { Address, Hex } from "viem";
import type { ChainView, OperatorSet, ReplacedSet } from "./chainView.ts";
import type { EpochRef, Proposal } from "./messages.ts";
import type { Refusal } from "./refusal.ts";
import { type ChainAtCut, isRelevantAt, type Placed } from "./relevance.ts";

// The signing rules. Each gives the reason to refuse, or null. None reads a clock, a disk or the network.

/** Numbers one proposal may skip. Without a bound one bad number would use up all that can ever be signed. */
export const mostEpochsSkipped = 1_000;

/**
 * Never two headers for one epoch: only numbers above every signed one, and not absurdly far above. Nor above the second of
 * its issue: no chain takes such a one, so whoever skipped up to there would have ended the network.
 */
export function checkEpochNumber(
  { epoch, issuedAt }: Pick<Header, "epoch" | "issuedAt">,
  highestSigned: number,
  highestKnown: number,
): Refusal | null {
  if (epoch <= highestSigned) return { code: "epoch-not-higher", highestSigned };
  if (epoch > highestKnown + mostEpochsSkipped || epoch > issuedAt) return { code: "epoch-too-far", highestKnown };
  return null;
}

/** An attestation lives from `issuedAt` on; a wrong clock must not stretch that. */
export function checkIssuedAt(issuedAt: number, nowSeconds: number, mostSkewSeconds: number): Refusal | null {
  return Math.abs(issuedAt - nowSeconds) > mostSkewSeconds ? { code: "clock-skew", nowSeconds } : null;
}

/** Exactly the chains of this deployment, ascending, and the blocks that the header speaks of. */
export function checkCutShape(cut: Cut, cutHash: Hex, header: Header, eids: readonly number[]): Refusal | null {
  const complete = cut.length === eids.length && cut.every((block, index) => block.eid === eids[index]);
  return complete && cutHash === header.cutHash ? null : { code: "malformed-cut" };
}

/** No block older than in the last cut signed: what an earlier epoch saw, a later one must see. */
export function checkCutProgress(cut: Cut, lastSigned: Cut | null): Refusal | null {
  for (const last of lastSigned ?? []) {
    const block = cut.find(({ eid }) => eid === last.eid);
    if (block !== undefined && block.number < last.number) {
      return { code: "cut-went-back", eid: last.eid, lastSigned: last.number };
    }
  }
  return null;
}

/** Every block finalized and canonical in this node's own index. `not-indexed-yet` may pass by itself. */
export function checkBlocks(cut: Cut, view: Pick<ChainView, "checkBlock">): Refusal | null {
  let behind: Refusal | null = null;
  for (const block of cut) {
    const check = view.checkBlock(block);
    if (check === "not-canonical") return { code: "block-not-canonical", eid: block.eid };
    if (check === "not-indexed") behind ??= { code: "not-indexed-yet", eid: block.eid };
  }
  return behind;
}

/** Proposed by a member of the set in force at the cut, for that set. */
export function checkOperators(header: Header, proposer: Address, set: OperatorSet | null): Refusal | null {
  if (set === null || header.operatorSetId !== set.id) return { code: "wrong-operator-set", expected: set?.id ?? null };
  return set.members.includes(proposer) ? null : { code: "unknown-proposer" };
}

/**
 * Nothing more for a set once this node's own final blocks show another: who proposes may name a cut from before the rotation,
 * and would have those signatures for as long as chains take them.
 */
export function checkInForce(
  operatorSetId: number,
  view: Pick<ChainView, "finalizedCut" | "operatorSetAt">,
): Refusal | null {
  const newest = view.finalizedCut(null);
  const expected = newest && (view.operatorSetAt(newest)?.id ?? null);
  return operatorSetId === expected ? null : { code: "wrong-operator-set", expected };
}

/**
 * After a rotation: rule 4 rests on every two quorums sharing an honest member, and a quorum of the set before need not share
 * one with a quorum of this one. What it attested and nobody here knows of may still be posted until it expires, so nothing is
 * signed before that. Members of the set before stop once their own cuts show the rotation: a lifetime for their cuts to be
 * behind this one, and a lifetime for what they signed last, as long as lifetimes were when they did. By then every chain's block in the cut has to be: what was posted
 * there until then is in the cut, and nothing more can be.
 *
 * @param oldestSeconds Of the oldest block in the cut.
 */
export function checkRotation(
  set: OperatorSet,
  replaced: readonly ReplacedSet[],
  oldestSeconds: number,
): Refusal | null {
  const untilSeconds = replaced
    .filter((before) => areStrangers(before, set))
    .reduce((latest, one) => Math.max(latest, one.replacedAtSeconds + 2 * one.lifetimeSeconds), 0);
  return oldestSeconds < untilSeconds ? { code: "rotation-settling", untilSeconds } : null;
}

/**
 * Whether a quorum of one set and one of the other may have fewer members in common than two quorums of either set have. Each
 * set may have one liar fewer than that, and all that are in common might then be liars.
 */
function areStrangers(one: OperatorSet, other: OperatorSet): boolean {
  const inCommon = one.threshold + other.threshold - new Set([...one.members, ...other.members]).size;
  return [one, other].every(({ threshold, members }) => inCommon < 2 * threshold - members.length);
}

/** `checkRotation` of a cut. */
export function checkRotationAt(
  { replacedSetsAt }: Pick<ChainView, "replacedSetsAt">,
  cut: Cut,
  set: OperatorSet,
): Refusal | null {
  const oldestSeconds = Math.min(...cut.map(({ timestampSeconds }) => timestampSeconds));
  return checkRotation(set, replacedSetsAt(cut), oldestSeconds);
}

/** An epoch that this node signed or saw attested. */
export interface KnownEpoch extends Placed {
  readonly ref: EpochRef;
}

/**
 * Counts as outstanding every epoch that this node signed or saw attested and that may still matter at the cut. As a
 * quorum is more than half, every new one contains a signer of each earlier one, and so none is forgotten.
 */
export function checkOutstanding(
  proposal: Pick<Proposal, "header" | "earlier">,
  known: readonly KnownEpoch[],
  chains: readonly ChainAtCut[],
): Refusal | null {
  const counted = new Set(proposal.earlier.map(({ digest }) => digest));
  const missing = known
    .filter((epoch) => epoch.header.epoch < proposal.header.epoch && isRelevantAt(epoch, chains))
    .map(({ ref }) => ref)
    .filter(({ digest }) => !counted.has(digest));
  return missing.length === 0 ? null : { code: "missing-epochs", missing };
}

/** This node's own transition gives the same header, to the byte. */
export function checkResult(digest: Hex, mine: { readonly digest: Hex; readonly root: Hex }): Refusal | null {
  return digest === mine.digest ? null : { code: "different-result", root: mine.root };
}
