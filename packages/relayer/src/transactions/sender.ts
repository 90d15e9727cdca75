import type { Address } from "viem";
import { createSerialize } from "../serialize.ts";
import { createMemory, type SenderContext } from "./context.ts";
import { firstFees, isIncludable, replacementFees } from "./fees.ts";
import type { Intent, Outcome, Purpose, RefusedBecause } from "./intent.ts";
import { isWithinBudget, put, shareSpent, usesUpNonce } from "./put.ts";
import { nextInReach } from "./reach.ts";
import { tend } from "./tend.ts";

/** Sends one key's transactions on one chain, each once, in order, until they are final. */
export interface Sender {
  readonly address: Address;
  /**
   * Writes an intent down and sends it; gives what is known of it by then. One that is known already is not sent again.
   * Rejects when the chain cannot be reached before anything was written.
   */
  submit(intent: Intent): Promise<Outcome>;
  /** Submits, and waits until it is in a block or patience ends: then it goes on by itself. */
  send(intent: Intent, patienceMs: number): Promise<Outcome>;
  /** Waits for one that is on its way. */
  wait(key: string, patienceMs: number): Promise<Outcome>;
  outcome(key: string): Outcome;
  /** How much of a purpose's own budget the last 24 hours have used up, from 0 on; 0 where it has none. */
  shareSpent(purpose: Purpose): number;
  /** Nobody needs these any more: they are cancelled where that is cheaper than to let them fail. */
  abandon(isUnneeded: (purpose: Purpose, key: string) => boolean): void;
  /** One look at everything that is not final. */
  tend(): Promise<void>;
  /** Looks after transactions until stopped, and at the balance. */
  run(signal: AbortSignal): Promise<void>;
}

/** How far above the chain's own count the pool's is believed where this node knows of no transactions of its own. */
const unknownAtMost = 16;
const balanceEveryMs = 60_000;
/** While all that is left is to become final. */
const slowdown = 5;
const keptMs = 30 * 24 * 60 * 60 * 1000;

/** @example const outcome = await createSender({ chain, store, clock, policy, observe }).send(intent, 60_000); */
export function createSender(context: SenderContext): Sender {
  const { chain, store, clock, policy, observe, stopping } = context;
  const { eid } = chain;
  const memory = createMemory();
  const serialize = createSerialize();

  const refused = ({ purpose }: Intent, because: RefusedBecause): Outcome => {
    observe({ type: "refused", eid, purpose, because });
    return { outcome: "refused", because };
  };
  const nextNonce = async (used: number): Promise<number> => {
    if (store.highestNonce() !== null) return nextInReach(store, used);
    // A lost database: what this key sent before may still be in the pool.
    const pending = await chain.transactionCount("pending");
    return pending >= used && pending <= used + unknownAtMost ? pending : used;
  };

  const submit = async (intent: Intent): Promise<Outcome> => {
    const known = store.outcome(intent.key);
    if (known.outcome === "pending" || known.outcome === "mined") return known;
    const unsettled = store.unsettled();
    const before = known.outcome === "displaced" ? unsettled.find(({ nonce }) => nonce === known.nonce) : undefined;
    if (before !== undefined) {
      // Until its nonce is used for good it may yet be mined there: with a second one it might be mined twice.
      if (before.state === "mined" || before.attempts[0].key !== intent.key) return known;
      store.setWanted(before.nonce, true);
      return store.outcome(intent.key);
    }
    const open = unsettled.filter(({ state }) => state === "open");
    const [used, market] = [await chain.transactionCount("latest"), await chain.feeMarket()];
    const reach = nextInReach(store, used);
    const replaceable = open.find(({ nonce, unwanted, attempts: [newest] }) => {
      const isOlder = intent.supersedes && newest.purpose === intent.purpose;
      return nonce >= used && nonce < reach && (unwanted || isOlder || usesUpNonce(newest));
    });
    const fees =
      replaceable === undefined ? firstFees(market, policy) : replacementFees(replaceable.attempts[0], market, policy);
    if (fees === null || !isIncludable(fees, market)) return refused(intent, "fee-cap");
    if (!isWithinBudget(context, { ...intent, ...fees }, replaceable?.attempts[0] ?? null)) {
      return refused(intent, "budget");
    }
    await put(context, memory, replaceable?.nonce ?? (await nextNonce(used)), intent, fees, market);
    return store.outcome(intent.key);
  };

  const tendNow = async () => {
    memory.lastTendedMs = clock.nowMs();
    await tend(context, memory);
  };
  // A clock may go back.
  const isTended = () => Math.abs(clock.nowMs() - memory.lastTendedMs) < policy.pollMs;

  const sender: Sender = {
    address: chain.address,
    submit: (intent) => serialize(() => submit(intent)),
    async send(intent, patienceMs) {
      const outcome = await sender.submit(intent);
      return outcome.outcome === "pending" ? await sender.wait(intent.key, patienceMs) : outcome;
    },
    async wait(key, patienceMs) {
      const until = clock.nowMs() + patienceMs;
      let outcome = store.outcome(key);
      while (outcome.outcome === "pending" && clock.nowMs() < until && stopping?.aborted !== true) {
        await clock.sleep(policy.pollMs, stopping);
        if (!isTended()) await serialize(tendNow);
        outcome = store.outcome(key);
      }
      return outcome;
    },
    outcome: (key) => store.outcome(key),
    shareSpent: (purpose) => shareSpent(context, purpose),
    abandon(isUnneeded) {
      for (const { nonce, state, unwanted, attempts } of store.unsettled()) {
        const [{ purpose, key }] = attempts;
        if (state === "open" && !unwanted && isUnneeded(purpose, key)) store.setWanted(nonce, false);
      }
    },
    tend: () => serialize(tendNow),
    async run(signal) {
      let balanceAtMs = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        const isBusy = store.unsettled().some(({ state }) => state === "open");
        try {
          if (!isTended()) await serialize(tendNow);
          if (clock.nowMs() - balanceAtMs >= balanceEveryMs) {
            balanceAtMs = clock.nowMs();
            const balanceWei = await chain.balanceWei();
            observe({ type: "balance", eid, balanceWei, isLow: balanceWei < policy.lowBalanceWei });
            store.prune(clock.nowMs() - keptMs);
          }
        } catch (error) {
          observe({ type: "unreachable", eid, error });
        }
        await clock.sleep(policy.pollMs * (isBusy ? 1 : slowdown), signal);
      }
    },
  };
  return sender;
}
