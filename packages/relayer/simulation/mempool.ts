import type { Eid } from "@plimsoll/protocol/ids";
import type { Address, Hex } from "viem";
import type { Broadcast, UnsignedTransaction } from "../src/transactions/chain.ts";
import type { Chain, Transaction } from "./chain.ts";
import { Violation } from "./errors.ts";
import type { Receipt } from "./state.ts";

/** What an operator's key signed. */
export interface Signed extends UnsignedTransaction {
  readonly from: Address;
  readonly hash: Hex;
}

/** What waits for a block of one chain, and what nodes say of what is sent. It follows geth's rules. */
export interface Mempool {
  baseFeePerGas(): bigint;
  /** The newest nonce that is neither used nor waited for. */
  pendingCount(from: Address): number;
  /**
   * Told of everything that is sent, whatever becomes of it.
   *
   * @throws {Violation} it is another one for a nonce than before, and does not pay as a replacement has to.
   */
  saw(transaction: Signed): void;
  /** The pool takes it, or says why not. */
  take(transaction: Signed): Broadcast;
  /** Whether something waits that a call of its own would be too late for. */
  some(waits: (data: Hex) => boolean): boolean;
  /** As many blocks as there is something for, else an empty one. */
  mine(): void;
}

/** Of a block while gas is cheap, and in a spike: more than operators pay. Wei. */
const [cheap, dear] = [10n, 2_000n];
const replacementPercent = 110n;

/**
 * @param callOf What the contracts make of a transaction's data; undefined where it calls nothing.
 */
export function createMempool(
  chain: Chain,
  nowMs: () => number,
  callOf: (eid: Eid, data: Hex) => Transaction | undefined,
): Mempool {
  const waiting = new Map<string, Signed>();
  const sent = new Map<string, Signed>();
  const placeOf = ({ from, nonce }: Pick<Signed, "from" | "nonce">) => `${from} ${nonce}`;
  const used = (from: Address) => chain.head().state.nonces.get(from) ?? 0;
  const baseFeePerGas = () => (nowMs() < chain.spikeEndsMs() ? dear : cheap);
  const isNext = (one: Signed) => one.nonce === used(one.from) && one.maxFeePerGas >= baseFeePerGas();

  return {
    baseFeePerGas,
    pendingCount(from) {
      let count = used(from);
      while (waiting.has(placeOf({ from, nonce: count }))) count++;
      return count;
    },
    saw(transaction) {
      const before = sent.get(placeOf(transaction));
      if (before?.hash === transaction.hash) return;
      if (before !== undefined && !replaces(transaction, before)) {
        const { from, nonce } = transaction;
        throw new Violation(
          `${from.slice(0, 6)} reuses nonce ${nonce} on ${chain.eid} without replacing what it was for`,
        );
      }
      sent.set(placeOf(transaction), transaction);
    },
    take(transaction) {
      if (transaction.nonce < used(transaction.from)) return "nonce-too-low";
      const there = waiting.get(placeOf(transaction));
      if (there !== undefined && there.hash !== transaction.hash && !replaces(transaction, there)) return "underpriced";
      waiting.set(placeOf(transaction), transaction);
      return "accepted";
    },
    some: (waits) => [...waiting.values()].some((one) => isNext(one) && waits(one.data)),
    mine() {
      let mined = 0;
      for (;;) {
        const next = [...waiting.values()].find(isNext);
        if (next === undefined || !chain.mine(included(next, callOf(chain.eid, next.data)))) break;
        waiting.delete(placeOf(next));
        mined++;
      }
      if (mined === 0) chain.mine();
      // What a reorg has mined elsewhere, or somebody else's nonce has made void.
      for (const [place, one] of waiting) if (one.nonce < used(one.from)) waiting.delete(place);
    },
  };
}

/** Pools take the place of a transaction for a tenth more in both fields. */
function replaces(one: Signed, before: Signed): boolean {
  const enough = (mine: bigint, theirs: bigint) => mine > theirs && mine * 100n >= theirs * replacementPercent;
  return enough(one.maxFeePerGas, before.maxFeePerGas) && enough(one.maxPriorityFeePerGas, before.maxPriorityFeePerGas);
}

/** A transaction that uses up its nonce whether its call reverts or not. */
function included({ from, nonce, hash }: Signed, call: Transaction | undefined): Transaction {
  let succeeded = true;
  return {
    get what() {
      const what = call?.what ?? "nothing but a nonce";
      return succeeded ? what : `reverted: ${what}`;
    },
    apply(state, now) {
      if ((state.nonces.get(from) ?? 0) !== nonce) return null;
      const result = call?.apply(state, now) ?? null;
      succeeded = call === undefined || result !== null;
      const receipt: Receipt = { blockNumber: state.number + 1, succeeded };
      const after = {
        ...(result?.state ?? state),
        nonces: new Map(state.nonces).set(from, nonce + 1),
        receipts: new Map(state.receipts).set(hash, receipt),
      };
      return { ...result, state: after };
    },
  };
}
