import type { Header } from "@plimsoll/protocol/epoch";
import type { Cut, CutBlock, StateAtCut } from "@plimsoll/protocol/state";
import type { Address } from "viem";

/** The operators in force at a cut. Members ascending, lowercase. */
export interface OperatorSet {
  readonly id: number;
  /** Signatures needed. */
  readonly threshold: number;
  readonly members: readonly Address[];
}

/** A set that another one took the place of. */
export interface ReplacedSet extends OperatorSet {
  /** Time of the hub's block that replaced it. */
  readonly replacedAtSeconds: number;
  /** The longest that what it signed may live. */
  readonly lifetimeSeconds: number;
}

/** What this node's own index says of a block. */
export type BlockCheck = "canonical" | "not-indexed" | "not-canonical";

/** The chains, as this node's own index knows them. */
export interface ChainView {
  /** Ascending. */
  readonly eids: readonly number[];
  /** The newest finalized block of every chain, none older than in `previous`; null until every chain has one. */
  finalizedCut(previous: Cut | null): Cut | null;
  /** `canonical` only when finalized, too. */
  checkBlock(block: CutBlock): BlockCheck;
  /** Only of a cut whose blocks are all `canonical`. */
  stateAt(cut: Cut): StateAtCut;
  /** Whether a chain took an epoch of this number, root and expiry, in a finalized block. */
  isPosted(header: Pick<Header, "epoch" | "root" | "expiresAt">): boolean;
  /** Null while the registry has no set at the cut. */
  operatorSetAt(cut: Cut): OperatorSet | null;
  /** Those in force before it, the newest first. */
  replacedSetsAt(cut: Cut): readonly ReplacedSet[];
}
