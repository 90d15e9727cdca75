import type { FeeMarket, Fees } from "./chain.ts";
import type { SenderContext, SenderMemory } from "./context.ts";
import type { Intent, Purpose } from "./intent.ts";
import { mostWei } from "./sqliteTransactionStore.ts";
import type { Attempt } from "./store.ts";
import { selfTransferGas } from "./withdraw.ts";

const dayMs = 24 * 60 * 60 * 1000;

export type Content = Omit<Intent, "supersedes">;

/** A transfer of nothing to oneself: all it does is to use up a nonce. */
export function selfTransfer({ chain }: SenderContext, purpose: "cancel" | "fill", nonce: number): Content {
  const key = `${purpose}:${nonce}`;
  return { key, purpose, to: chain.address, data: "0x", valueWei: 0n, gasLimit: selfTransferGas, expiresAtMs: null };
}

/** Whether a transaction does nothing but use up its nonce: another may have it. */
export const usesUpNonce = ({ purpose }: Pick<Attempt, "purpose">): boolean =>
  purpose === "cancel" || purpose === "fill";

/** Whether the day's budgets allow for a transaction, in place of one that is open. */
export function isWithinBudget(
  { store, clock, policy }: SenderContext,
  next: Pick<Attempt, "purpose" | "valueWei" | "gasLimit" | "maxFeePerGas">,
  inPlaceOf: Attempt | null,
): boolean {
  const fits = (budgetWei: bigint | null, purpose?: Purpose): boolean => {
    if (budgetWei === null) return true;
    const isCounted = inPlaceOf !== null && (purpose === undefined || inPlaceOf.purpose === purpose);
    const reserved = isCounted ? mostWei(inPlaceOf) : 0n;
    return store.spentWei(clock.nowMs() - dayMs, purpose) - reserved + mostWei(next) <= budgetWei;
  };
  return fits(policy.dailyBudgetWei) && (next.purpose !== "report" || fits(policy.dailyReportBudgetWei, "report"));
}

/** How much of a purpose's own budget the last 24 hours have used up, from 0 on; 0 where it has none. */
export function shareSpent({ store, clock, policy }: SenderContext, purpose: Purpose): number {
  const budgetWei = purpose === "report" ? policy.dailyReportBudgetWei : null;
  if (budgetWei === null) return 0;
  return budgetWei === 0n ? 1 : Number(store.spentWei(clock.nowMs() - dayMs, purpose)) / Number(budgetWei);
}

/** Signs, writes it down, and only then sends. Killed in between, what is on disk is sent after the restart. */
export async function put(
  context: SenderContext,
  memory: SenderMemory,
  nonce: number,
  content: Content,
  fees: Fees,
  market: FeeMarket,
): Promise<void> {
  const { chain, store, clock } = context;
  const { key, purpose, to, data, valueWei, gasLimit, expiresAtMs } = content;
  const { maxFeePerGas, maxPriorityFeePerGas } = fees;
  const { hash, raw } = await chain.sign({ nonce, to, data, valueWei, gasLimit, maxFeePerGas, maxPriorityFeePerGas });
  const attempt = store.record({
    ...{ nonce, key, purpose, to, data, valueWei, gasLimit, maxFeePerGas, maxPriorityFeePerGas, expiresAtMs },
    ...{ hash, raw, recordedAtMs: clock.nowMs(), recordedAtBlock: market.headNumber },
  });
  memory.underpriced.delete(nonce);
  await broadcast(context, memory, attempt);
}

/** Hands a recorded transaction to the nodes, for the first time or again. */
export async function broadcast(context: SenderContext, memory: SenderMemory, attempt: Attempt): Promise<void> {
  const { chain, store, clock, observe } = context;
  const { eid } = chain;
  const { nonce, purpose, hash, number } = attempt;
  const said = await chain.broadcast(attempt.raw);
  store.markSent(attempt, clock.nowMs());
  if (attempt.sentAtMs === null) observe({ type: "sent", eid, purpose, nonce, attempt: number, hash });
  if (said === "underpriced") memory.underpriced.add(nonce);
  if (said === "funds") observe({ type: "refused", eid, purpose, because: "funds" });
  if (said === "rejected") {
    observe({ type: "rejected", eid, purpose, nonce });
    if (!usesUpNonce(attempt)) store.setWanted(nonce, false);
  }
}
