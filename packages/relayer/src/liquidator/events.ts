import type { Spent } from "./effects.ts";
import type { Refusal } from "./refusal.ts";

interface OnChain {
  /** The deployment's name for it. */
  readonly chain: string;
}

/** What the bot tells of itself, for metrics. USD with 8 decimals. */
export type LiquidatorEvent =
  /** The list of books was read: how many there are on each chain, by status. */
  | { readonly type: "looked"; readonly books: readonly (OnChain & { readonly status: string })[] }
  | (OnChain & Spent & { readonly type: "started" | "ended" | "taken-over" | "deleveraged" })
  | (OnChain & Spent & { readonly type: "taken"; readonly notional: bigint; readonly discount: bigint })
  | (OnChain & { readonly type: "refused"; readonly because: Refusal })
  /** An insolvent book that neither the backstop nor anybody on the other side can take. */
  | (OnChain & { readonly type: "nobody" })
  | (OnChain & { readonly type: "balance"; readonly balanceWei: bigint })
  /** No node answered. */
  | { readonly type: "blind" };
