import type { Inclusion, Outcome, Purpose } from "./intent.ts";
import type { attempts, nonces } from "./tables.ts";

export type Attempt = typeof attempts.$inferSelect;
export type NonceRow = typeof nonces.$inferSelect;

/** A nonce that is not final yet, with everything signed for it, newest first; never empty. */
export interface Unsettled {
  readonly nonce: number;
  readonly state: "open" | "mined";
  readonly unwanted: boolean;
  readonly attempts: readonly [Attempt, ...Attempt[]];
  /** Where it was mined; null while open. */
  readonly blockHash: NonceRow["blockHash"];
}

/**
 * What a node remembers of the transactions of one chain. Every call is one transaction of the database, on disk when it
 * returns.
 */
export interface TransactionStore {
  /** The highest nonce ever given out; null before the first. */
  highestNonce(): number | null;
  /** The highest nonce that is known to be used for good; null before the first. */
  highestSettled(): number | null;
  /** Whether this node gave out a nonce. */
  isKnown(nonce: number): boolean;
  /** Ascending by nonce. */
  unsettled(): readonly Unsettled[];
  /** What is known of an intent. */
  outcome(key: string): Outcome;
  /**
   * Writes what is about to be sent: the first for its nonce, or one that takes the place of those before it. The nonce
   * is wanted again.
   */
  record(attempt: Omit<Attempt, "eid" | "number" | "sentAtMs">): Attempt;
  markSent(attempt: Attempt, nowMs: number): void;
  /** Whether anybody still needs what an open nonce is for. */
  setWanted(nonce: number, wanted: boolean): void;
  markMined(nonce: number, inclusion: Inclusion, nowMs: number): void;
  markFinal(nonce: number): void;
  markTaken(nonce: number): void;
  /** It will never be in a block: nothing is known of what it was for any more. */
  forget(nonce: number): void;
  /** A reorg took its block away, or its block was never there. */
  reopen(nonce: number): void;
  /** Fees and values of what was mined since then, and the most that what is open may cost; wei. Of one purpose, or of all. */
  spentWei(sinceMs: number, purpose?: Purpose): bigint;
  /** Forgets what was final before then, except the highest nonce. */
  prune(beforeMs: number): void;
}
