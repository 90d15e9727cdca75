import type { Address } from "viem";
import type { AttestationNotice, EpochRecordMessage, PeerStatus, Proposal } from "./messages.ts";
import type { ProposalAnswer } from "./refusal.ts";

/**
 * The other operators, as one of them sees them. Every call rejects when the peer cannot be reached, answers nonsense
 * or takes longer than `timeoutMs`.
 */
export interface Peers {
  /** Lowercase. */
  readonly addresses: readonly Address[];
  propose(to: Address, proposal: Proposal, timeoutMs: number): Promise<ProposalAnswer>;
  deliver(to: Address, notice: AttestationNotice, timeoutMs: number): Promise<void>;
  /** Every record of that number which the peer keeps in full. */
  epochs(from: Address, epoch: number, timeoutMs: number): Promise<readonly EpochRecordMessage[]>;
  status(of: Address, timeoutMs: number): Promise<PeerStatus>;
}
