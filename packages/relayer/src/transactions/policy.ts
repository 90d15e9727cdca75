import type { FeePolicy } from "./fees.ts";

/** How one chain's transactions are looked after. */
export interface SenderPolicy extends FeePolicy {
  /** How often the chain is asked while something is on its way. */
  readonly pollMs: number;
  /** A transaction that waited so long, and through two blocks, is replaced by one that pays more. */
  readonly replaceAfterMs: number;
  /** A transaction in no block is handed to the nodes again this often: pools forget. */
  readonly rebroadcastMs: number;
  /** Most that fees and values of any 24 hours may add up to, wei; null without a limit. */
  readonly dailyBudgetWei: bigint | null;
  /** Most that those of any 24 hours may add up to that only report other people's deposits, wei; null without a limit. */
  readonly dailyReportBudgetWei: bigint | null;
  /** Below this balance there is an alarm, wei. */
  readonly lowBalanceWei: bigint;
}
