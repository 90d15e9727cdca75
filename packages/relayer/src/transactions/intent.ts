import type { Address, Hex } from "viem";

/** What a transaction is for. `cancel` and `fill` only use up a nonce. */
export type Purpose = "post" | "deliver" | "report" | "cancel" | "fill";

/** Something this node wants to happen on a chain, once. */
export interface Intent {
  /** Names it among everything that this node ever sent on the chain: the same key is never sent twice. */
  readonly key: string;
  readonly purpose: Purpose;
  readonly to: Address;
  readonly data: Hex;
  /** Wei. */
  readonly valueWei: bigint;
  readonly gasLimit: bigint;
  /** Afterwards nobody needs it any more; null where that never happens. */
  readonly expiresAtMs: number | null;
  /** An open transaction of the same purpose is replaced by this one: it says the same, and newer. */
  readonly supersedes: boolean;
}

/** What is known of an intent. */
export type Outcome =
  /** Never handed in here, or forgotten. */
  | { readonly outcome: "unknown" }
  /** Recorded, and on its way. */
  | { readonly outcome: "pending"; readonly nonce: number }
  /** In a block, final or not. */
  | ({ readonly outcome: "mined"; readonly nonce: number } & Inclusion)
  /** Its nonce went to something else, or is about to. Handed in again it is sent once that is final. */
  | { readonly outcome: "displaced"; readonly nonce: number }
  /** Not sent. */
  | { readonly outcome: "refused"; readonly because: RefusedBecause };

/**
 * `budget`: a day's gas is used up. `fee-cap`: more than the configuration allows would have to be paid.
 * `funds`: the account does not have it.
 */
export type RefusedBecause = "budget" | "fee-cap" | "funds";

/** Where a transaction lies, and what it cost. */
export interface Inclusion {
  readonly hash: Hex;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly succeeded: boolean;
  readonly gasUsed: number;
  /** Gas times price, without the value sent. */
  readonly feeWei: bigint;
}
