import type { RefusalCode } from "./refusal.ts";

/** What the epoch engine did: for metrics and for the watchdog. Nothing depends on anybody listening. */
export type QuorumEvent =
  /** The loop went round. */
  | { readonly type: "turn" }
  | { readonly type: "not-ready"; readonly because: string }
  | { readonly type: "proposed"; readonly epoch: number }
  | { readonly type: "signed"; readonly epoch: number }
  /** This node refused to sign. */
  | { readonly type: "refused"; readonly epoch: number; readonly code: RefusalCode }
  /** A peer refused to sign what this node proposed. */
  | { readonly type: "refused-by-peer"; readonly epoch: number; readonly code: RefusalCode }
  /** From this node's proposal to enough signatures. */
  | { readonly type: "quorum"; readonly epoch: number; readonly tookMs: number };
