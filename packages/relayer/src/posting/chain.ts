import type { AttestationJson } from "@plimsoll/protocol/wire";
import type { Hex } from "viem";

/** What came of posting. */
export type PostOutcome =
  | {
      readonly outcome: "posted";
      readonly transactionHash: Hex;
      readonly blockNumber: number;
      readonly gasUsed: number;
    }
  /** The chain has this epoch or a newer one already. */
  | { readonly outcome: "stale" }
  /** Refused now, may well be taken in a moment: the chain's clock is behind, or the operator set is on its way. */
  | { readonly outcome: "not-yet"; readonly because: string }
  | { readonly outcome: "refused"; readonly because: string };

/** One chain to post to. Calls reject when the chain cannot be reached. */
export interface PostingChain {
  readonly eid: number;
  readonly name: string;
  /** The newest epoch posted there; null before the first. */
  newestEpoch(): Promise<number | null>;
  /** Simulates first, then sends and waits for the receipt. */
  post(attestation: AttestationJson): Promise<PostOutcome>;
}
