import type { Clock } from "../clock.ts";
import type { TransactionChain } from "./chain.ts";
import type { TransactionEvent } from "./events.ts";
import type { SenderPolicy } from "./policy.ts";
import type { TransactionStore } from "./store.ts";

/** Everything that the sender of one chain's transactions touches. No clock, chain or disk but through these. */
export interface SenderContext {
  readonly chain: TransactionChain;
  readonly store: TransactionStore;
  readonly clock: Clock;
  readonly policy: SenderPolicy;
  readonly observe: (event: TransactionEvent) => void;
  /** Ends whatever waits. */
  readonly stopping?: AbortSignal;
}

/** What only matters while the process lives. */
export interface SenderMemory {
  /** Nonces whose newest attempt a node found too cheap: replaced without waiting. */
  readonly underpriced: Set<number>;
  /** Nonces of which it was said that they cannot pay more. */
  readonly capped: Set<number>;
  /** How often in a row a used nonce had none of our transactions in it. */
  readonly missing: Map<number, number>;
  /** Since when a nonce below ours has been unused and unknown. */
  readonly gaps: Map<number, number>;
  /** Since when a nonce of ours has been too far above the chain's count to be got to. */
  readonly stranded: Map<number, number>;
  lastTendedMs: number;
}

export const createMemory = (): SenderMemory => ({
  underpriced: new Set(),
  capped: new Set(),
  missing: new Map(),
  gaps: new Map(),
  stranded: new Map(),
  lastTendedMs: Number.NEGATIVE_INFINITY,
});
