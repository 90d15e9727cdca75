import type { Epoch, Header } from "@plimsoll/protocol/epoch";
import type { Cut } from "@plimsoll/protocol/state";
import type { TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import type { Address, Hex } from "viem";
import type { EpochRef, Proposal } from "../quorum/messages.ts";

/** A verified epoch: the proposal it came from, and what its root covers. */
export interface VerifiedEpoch {
  readonly digest: Hex;
  readonly proposal: Proposal;
  readonly proposer: Address;
  readonly epoch: Epoch;
  /** What the transition told of every account; only in memory, where this node computed it lately. */
  readonly accounts?: TransitionResult["accounts"];
}

/** What is kept of an epoch beside its content. */
export interface EpochSummary {
  readonly digest: Hex;
  readonly header: Header;
  readonly cut: Cut;
  /** Ascending by eid. */
  readonly chainRoots: readonly { readonly eid: number; readonly root: Hex }[];
  readonly proposer: Address;
  readonly attestedAtMs: number | null;
  readonly signedByMe: boolean;
  readonly hasContent: boolean;
}

export interface JournalEntry {
  readonly epoch: number;
  readonly digest: Hex;
  readonly signature: Hex;
  readonly cut: Cut;
}

export interface MemberSignature {
  readonly signer: Address;
  readonly signature: Hex;
}

/** One member signed two headers of one epoch. */
export interface Equivocation {
  readonly epoch: number;
  readonly signer: Address;
  readonly digests: readonly [Hex, Hex];
}

export interface PostingRow {
  readonly eid: number;
  readonly epoch: number;
  readonly reason: string;
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly gasUsed: number;
  readonly postedAtMs: number;
}

/** What a node remembers. Every call is one transaction, on disk when it returns. */
export interface Store {
  /** 0 before the first. */
  highestSigned(): number;
  /** The highest number of any verified epoch; 0 before the first. */
  highestEpoch(): number;
  signed(epoch: number): JournalEntry | null;
  lastSigned(): JournalEntry | null;
  /**
   * Writes journal, signature and the epoch itself in one transaction.
   * @throws EpochAlreadySignedError unless the epoch is above every signed one.
   */
  recordSigned(verified: VerifiedEpoch, signature: MemberSignature, nowMs: number): void;
  /** Keeps a verified epoch that this node did not sign. */
  saveVerified(verified: VerifiedEpoch): void;
  /** Adds valid signatures; gives those that prove equivocation. */
  addSignatures(header: Header, digest: Hex, signatures: readonly MemberSignature[]): readonly Equivocation[];
  markAttested(ref: EpochRef, nowMs: number): void;
  /** Ascending by signer. */
  signaturesOf(ref: EpochRef): readonly MemberSignature[];
  equivocations(): readonly Equivocation[];

  summary(ref: EpochRef): EpochSummary | null;
  /** Every candidate of one number. */
  numbered(epoch: number): readonly EpochSummary[];
  /** Those with content, ascending by (epoch, digest). */
  withContent(): readonly EpochSummary[];
  /** Those of them that another version of the program wrote in a layout of its own: their content reads as null. */
  outdated(): readonly EpochSummary[];
  newestAttested(): EpochSummary | null;
  attested(epoch: number): EpochSummary | null;
  /** Newest first. */
  listAttested(limit: number, below?: number): readonly EpochSummary[];
  /** The epoch in full; null when unknown or pruned. */
  content(ref: EpochRef): VerifiedEpoch | null;
  /** How it came about; kept for ever. */
  proposal(ref: EpochRef): Omit<VerifiedEpoch, "epoch"> | null;
  /** Forgets the content, not the header. */
  prune(refs: readonly EpochRef[]): void;

  recordPosting(row: PostingRow): void;
}
