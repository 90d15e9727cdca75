import type { Eid } from "@plimsoll/protocol/ids";
import type { Market } from "@plimsoll/protocol/simulation/market";
import type { OperatorSet } from "../src/quorum/chainView.ts";
import { type Block, blockHash, genesis, type Message, type State } from "./state.ts";

/** Blocks that may be taken back. */
export const finalityDepth = 4;

/** What a transaction does when it is mined: the contracts afterwards, or null where they revert. */
export interface Transaction {
  readonly what: string;
  apply(state: State, timestampSeconds: number): { readonly state: State; readonly message?: Message } | null;
}

/** One chain: a line of blocks of which the newest few may be replaced. */
export interface Chain {
  readonly eid: Eid;
  readonly blocks: readonly Block[];
  head(): Block;
  finalizedNumber(): number;
  isHalted(): boolean;
  haltUntil(ms: number): void;
  /** What the chain's own clock shows: never more than the true time, never less than its newest block. */
  nowSeconds(): number;
  setClockBehind(ms: number): void;
  /** Gas costs more than operators pay: nothing of theirs is mined until it is over. */
  spikeUntil(ms: number): void;
  spikeEndsMs(): number;
  /** Mines one block with at most one transaction; false when it reverted or the chain stands still. */
  mine(transaction?: Transaction): boolean;
  /** Replaces the newest blocks, at most those not final; their transactions are mined again unless `drop` says so. */
  reorg(depth: number, drop: () => boolean): void;
}

export interface ChainEvents {
  readonly onMessage: (message: Message, block: Block) => void;
  readonly onChange: (eid: Eid, what: string) => void;
  /** What contracts that are broken on purpose make of a transaction. */
  readonly alter?: ((transaction: Transaction) => Transaction) | undefined;
}

export function createChain(
  eid: Eid,
  market: Market,
  set: OperatorSet,
  nowMs: () => number,
  { onMessage, onChange, alter = (given) => given }: ChainEvents,
): Chain {
  const blocks: Block[] = [genesis(eid, market, set, nowMs())];
  const transactions = new Map<number, Transaction>();
  let fork = 0;
  let finalized = 0;
  let haltedUntilMs = 0;
  let behindMs = 0;
  let spikeUntilMs = 0;

  const head = (): Block => {
    const block = blocks.at(-1);
    if (block === undefined) throw new RangeError("a chain always has a block");
    return block;
  };
  const nowSeconds = () => Math.max(head().timestampSeconds, Math.floor((nowMs() - behindMs) / 1000));
  const append = (transaction: Transaction | undefined): boolean => {
    const before = head();
    const timestampSeconds = nowSeconds();
    const result = transaction?.apply(before.state, timestampSeconds);
    if (result === null) return false;
    const number = before.number + 1;
    const state = { ...(result?.state ?? before.state), number, timestampSeconds };
    const hash = blockHash(eid, number, fork);
    const block = { eid, number, hash, timestampSeconds, state, minedAtMs: nowMs(), finalizedAtMs: Infinity };
    blocks.push(block);
    if (transaction !== undefined) transactions.set(number, transaction);
    while (finalized < number - finalityDepth) {
      finalized++;
      transactions.delete(finalized);
      const final = blocks[finalized];
      if (final !== undefined) final.finalizedAtMs = nowMs();
    }
    if (result?.message !== undefined) onMessage(result.message, block);
    if (transaction !== undefined) onChange(eid, transaction.what);
    return true;
  };

  const chain: Chain = {
    eid,
    blocks,
    head,
    finalizedNumber: () => finalized,
    isHalted: () => nowMs() < haltedUntilMs,
    haltUntil: (ms) => {
      haltedUntilMs = ms;
    },
    nowSeconds,
    setClockBehind: (ms) => {
      behindMs = ms;
    },
    spikeUntil: (ms) => {
      spikeUntilMs = ms;
    },
    spikeEndsMs: () => spikeUntilMs,
    mine: (transaction) => !chain.isHalted() && append(transaction && alter(transaction)),
    reorg(depth, drop) {
      const keep = Math.max(finalized, head().number - depth);
      const undone: Transaction[] = [];
      for (let number = keep + 1; number <= head().number; number++) {
        const transaction = transactions.get(number);
        if (transaction !== undefined) undone.push(transaction);
        transactions.delete(number);
      }
      blocks.length = keep + 1;
      fork++;
      onChange(eid, "reorg");
      for (const transaction of undone) if (!drop()) append(transaction);
      append(undefined);
    },
  };
  return chain;
}
