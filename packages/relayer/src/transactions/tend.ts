import type { FeeMarket } from "./chain.ts";
import type { SenderContext, SenderMemory } from "./context.ts";
import { firstFees, replacementFees } from "./fees.ts";
import type { Inclusion } from "./intent.ts";
import { broadcast, isWithinBudget, put, selfTransfer, usesUpNonce } from "./put.ts";
import { nextInReach } from "./reach.ts";
import type { Attempt, Unsettled } from "./store.ts";
import { withdrawalOf } from "./withdraw.ts";

/** A used nonce in which none of our transactions was found so many times, beyond finality, is somebody else's. */
const missesBeforeTaken = 5;
/** A replacement is not worth it before the chain had so many blocks to take what it replaces. */
const blocksBeforeReplacing = 2;

/**
 * Looks after everything that is not final: finds what was mined, takes up what a reorg took back, sends again what pools
 * forgot, pays more for what is stuck, cancels what nobody needs, and fills nonces that nothing uses. Whatever it
 * needs to know is in the store, so that a restart at any moment changes nothing.
 */
export async function tend(context: SenderContext, memory: SenderMemory): Promise<void> {
  const { chain, store, observe } = context;
  const unsettled = store.unsettled();
  if (unsettled.length === 0) return;
  const used = await chain.transactionCount("latest");
  const open: Unsettled[] = [];
  const included: Unsettled[] = [];
  for (const row of unsettled) {
    if (row.nonce < used) {
      included.push(row);
      continue;
    }
    if (row.state === "mined") {
      store.reopen(row.nonce);
      observe({ type: "reopened", eid: chain.eid, nonce: row.nonce });
    }
    open.push(row);
  }
  for (const row of included) await conclude(context, memory, row);
  const reachable = leaveStranded(context, memory, used, open);
  if (reachable.length === 0) return;
  const market = await chain.feeMarket();
  await fillGaps(context, memory, used, reachable, market);
  for (const [index, row] of reachable.entries()) {
    const waiting = reachable.slice(index + 1).some(({ unwanted }) => !unwanted);
    await push(context, memory, row, market, { isFirst: index === 0, isBlocking: waiting });
  }
}

/** Forgets what the chain will never get to, so that it is sent again where it can; gives the rest. */
function leaveStranded(
  { chain, store, clock, policy, observe }: SenderContext,
  { stranded }: SenderMemory,
  used: number,
  open: readonly Unsettled[],
): readonly Unsettled[] {
  const reach = nextInReach(store, used);
  for (const nonce of stranded.keys()) if (nonce < reach) stranded.delete(nonce);
  for (const { nonce } of open.filter((row) => row.nonce >= reach)) {
    const since = stranded.get(nonce) ?? clock.nowMs();
    stranded.set(nonce, since);
    // The count that says so may itself be the wrong one.
    if (Math.abs(clock.nowMs() - since) < policy.replaceAfterMs) continue;
    store.forget(nonce);
    stranded.delete(nonce);
    observe({ type: "stranded", eid: chain.eid, nonce });
  }
  return open.filter((row) => row.nonce < reach);
}

/** The nonce is used: by which transaction, and is it there for good? */
async function conclude(context: SenderContext, memory: SenderMemory, row: Unsettled): Promise<void> {
  const { chain, store, clock, policy, observe } = context;
  const { eid } = chain;
  const { nonce } = row;
  const found = await findIncluded(context, row);
  if (found === null) {
    const misses = (memory.missing.get(nonce) ?? 0) + 1;
    memory.missing.set(nonce, misses);
    if (misses < missesBeforeTaken || (await chain.transactionCount("finalized")) <= nonce) return;
    store.markTaken(nonce);
    memory.missing.delete(nonce);
    observe({ type: "taken", eid, nonce });
    return;
  }
  memory.missing.delete(nonce);
  const [{ purpose, key, gasLimit }, told] = found;
  // No more can have been paid for gas; as much again for what rollups charge for data.
  const mostFeeWei = 2n * gasLimit * policy.maxFeePerGasWei;
  const inclusion = told.feeWei > mostFeeWei ? { ...told, feeWei: mostFeeWei } : told;
  if (row.state === "open" || row.blockHash !== inclusion.blockHash) {
    store.markMined(nonce, inclusion, clock.nowMs());
    observe({ type: "mined", eid, purpose, key, nonce, ...inclusion });
  }
  if (inclusion.blockNumber <= (await chain.finalizedNumber())) store.markFinal(nonce);
}

async function findIncluded({ chain }: SenderContext, row: Unsettled): Promise<[Attempt, Inclusion] | null> {
  for (const attempt of row.attempts) {
    const inclusion = await chain.inclusion(attempt.hash);
    if (inclusion !== null) return [attempt, inclusion];
  }
  return null;
}

interface Place {
  /** No earlier one is open: it is the one that the chain waits for. */
  readonly isFirst: boolean;
  /** Something wanted waits behind it. */
  readonly isBlocking: boolean;
}

async function push(
  context: SenderContext,
  memory: SenderMemory,
  row: Unsettled,
  market: FeeMarket,
  { isFirst, isBlocking }: Place,
): Promise<void> {
  const { store, clock, policy } = context;
  const { nonce } = row;
  const [newest] = row.attempts;
  const now = clock.nowMs();
  const expired = newest.expiresAtMs !== null && now >= newest.expiresAtMs;
  if (expired && !row.unwanted) store.setWanted(nonce, false);
  if ((expired || row.unwanted) && !usesUpNonce(newest)) {
    const withdrawal = withdrawalOf(newest, market, policy, isBlocking);
    if (withdrawal.decision !== "cancel") return;
    await put(context, memory, nonce, selfTransfer(context, "cancel", nonce), withdrawal.fees, market);
    return;
  }
  const isStuck =
    now - newest.recordedAtMs >= policy.replaceAfterMs &&
    market.headNumber >= newest.recordedAtBlock + blocksBeforeReplacing;
  if (isFirst && newest.sentAtMs !== null && (isStuck || memory.underpriced.has(nonce))) {
    if (await replace(context, memory, newest, market)) return;
  }
  if (newest.sentAtMs === null || Math.abs(now - newest.sentAtMs) >= policy.rebroadcastMs) {
    await broadcast(context, memory, newest);
  }
}

/** The same again for more. False when it may not pay more. */
async function replace(
  context: SenderContext,
  memory: SenderMemory,
  newest: Attempt,
  market: FeeMarket,
): Promise<boolean> {
  const { chain, policy, observe } = context;
  const { nonce } = newest;
  const fees = replacementFees(newest, market, policy);
  const because = fees === null ? "fee-cap" : isWithinBudget(context, { ...newest, ...fees }, newest) ? null : "budget";
  if (fees === null || because !== null) {
    if (!memory.capped.has(nonce)) observe({ type: "capped", eid: chain.eid, nonce, because: because ?? "fee-cap" });
    memory.capped.add(nonce);
    return false;
  }
  memory.capped.delete(nonce);
  await put(context, memory, nonce, newest, fees, market);
  return true;
}

/**
 * A nonce below ours that nothing uses holds all of ours up. One that we never gave out is used up by nothing; one that was
 * said to be used for good was not, and is taken up again.
 */
async function fillGaps(
  context: SenderContext,
  memory: SenderMemory,
  used: number,
  open: readonly Unsettled[],
  market: FeeMarket,
): Promise<void> {
  const { chain, store, clock, policy, observe } = context;
  const highest = open.at(-1)?.nonce ?? used;
  const waiting = new Set(open.map(({ nonce }) => nonce));
  for (const nonce of memory.gaps.keys()) if (nonce < used || waiting.has(nonce)) memory.gaps.delete(nonce);
  for (let nonce = used; nonce < highest; nonce++) {
    if (waiting.has(nonce)) continue;
    const since = memory.gaps.get(nonce) ?? clock.nowMs();
    memory.gaps.set(nonce, since);
    // A transaction that this node forgot may still be in a pool, and gets its time.
    if (clock.nowMs() - since < policy.replaceAfterMs) continue;
    if (store.isKnown(nonce)) {
      store.reopen(nonce);
      observe({ type: "reopened", eid: chain.eid, nonce });
      continue;
    }
    const [fees, content] = [firstFees(market, policy), selfTransfer(context, "fill", nonce)];
    if (isWithinBudget(context, { ...content, ...fees }, null)) {
      await put(context, memory, nonce, content, fees, market);
    } else if (!memory.capped.has(nonce)) {
      memory.capped.add(nonce);
      observe({ type: "capped", eid: chain.eid, nonce, because: "budget" });
    }
  }
}
