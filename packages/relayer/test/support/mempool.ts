import { type Hex, hexToString, keccak256, stringToHex } from "viem";
import type { Broadcast, TransactionChain, UnsignedTransaction } from "../../src/transactions/chain.ts";
import type { Inclusion } from "../../src/transactions/intent.ts";

/** A transaction as the chain and its pool hold it. */
interface PooledTransaction extends UnsignedTransaction {
  readonly hash: Hex;
  readonly raw: Hex;
}

interface MinedBlock {
  readonly number: number;
  readonly hash: Hex;
  readonly transactions: readonly PooledTransaction[];
}

export class Unreachable extends Error {}

/** One account's view of a chain in memory, with a pool that follows geth's rules and forgets when it is told to. */
export interface TestMempool extends TransactionChain {
  readonly pool: Map<number, PooledTransaction>;
  baseFeePerGas: bigint;
  /** Before every call; throwing is an endpoint that does not answer. */
  onCall: (method: string) => void;
  /** After a broadcast had its effect. */
  onBroadcast: (transaction: PooledTransaction) => void;
  /** One block with as many of the pool's transactions as follow each other and pay enough. */
  mine(most?: number): void;
  /** Takes the newest blocks back, never final ones; their transactions go back to the pool unless dropped. */
  reorg(depth: number, isDropped: () => boolean): void;
  /** Ascending by nonce. */
  mined(): readonly PooledTransaction[];
}

const finalityDepth = 4;
const replacementPercent = 110n;

export function testMempool(eid = 1): TestMempool {
  const pool = new Map<number, PooledTransaction>();
  const blocks: MinedBlock[] = [{ number: 0, hash: keccak256("0x"), transactions: [] }];
  let fork = 0;
  const finalized = () => Math.max(0, blocks.length - 1 - finalityDepth);
  let neverBelow = 0;
  const countUpTo = (number: number) => blocks.slice(0, number + 1).flatMap(({ transactions }) => transactions).length;
  const call = (method: string) => chain.onCall(method);

  const chain: TestMempool = {
    eid,
    name: `chain-${eid}`,
    address: `0x${"aa".repeat(20)}`,
    pool,
    baseFeePerGas: 10n,
    onCall: () => {},
    onBroadcast: () => {},
    mined: () => blocks.flatMap(({ transactions }) => transactions),
    async transactionCount(at) {
      call("transactionCount");
      if (at === "finalized") return countUpTo(neverBelow);
      let count = countUpTo(blocks.length - 1);
      if (at === "pending") while (pool.has(count)) count++;
      return count;
    },
    async finalizedNumber() {
      call("finalizedNumber");
      return neverBelow;
    },
    async feeMarket() {
      call("feeMarket");
      return { baseFeePerGas: chain.baseFeePerGas, priorityFeePerGas: 2n, headNumber: blocks.length - 1 };
    },
    async balanceWei() {
      call("balanceWei");
      return 10n ** 18n;
    },
    async sign(transaction) {
      call("sign");
      const raw = stringToHex(
        JSON.stringify(transaction, (_, value) => (typeof value === "bigint" ? `${value}n` : value)),
      );
      return { hash: keccak256(raw), raw };
    },
    async broadcast(raw): Promise<Broadcast> {
      call("broadcast");
      const transaction = parse(raw);
      const said = take(transaction);
      chain.onBroadcast(transaction);
      call("broadcast answered");
      return said;
    },
    async inclusion(hash): Promise<Inclusion | null> {
      call("inclusion");
      for (const block of blocks) {
        const found = block.transactions.find((one) => one.hash === hash);
        if (found === undefined) continue;
        const feeWei = found.gasLimit * found.maxFeePerGas;
        const { number: blockNumber, hash: blockHash } = block;
        return { hash, blockNumber, blockHash, succeeded: true, gasUsed: Number(found.gasLimit), feeWei };
      }
      return null;
    },
    mine(most = 8) {
      const transactions: PooledTransaction[] = [];
      for (let nonce = countUpTo(blocks.length - 1); transactions.length < most; nonce++) {
        const next = pool.get(nonce);
        if (next === undefined || next.maxFeePerGas < chain.baseFeePerGas) break;
        pool.delete(nonce);
        transactions.push(next);
      }
      const number = blocks.length;
      blocks.push({ number, hash: keccak256(stringToHex(`${number}:${fork}`)), transactions });
      neverBelow = Math.max(neverBelow, finalized());
    },
    reorg(depth, isDropped) {
      const kept = Math.max(neverBelow, blocks.length - 1 - depth);
      const undone = blocks.splice(kept + 1).flatMap(({ transactions }) => transactions);
      fork++;
      for (const transaction of undone)
        if (!isDropped() && !pool.has(transaction.nonce)) pool.set(transaction.nonce, transaction);
    },
  };

  function take(transaction: PooledTransaction): Broadcast {
    const { nonce, hash, maxFeePerGas, maxPriorityFeePerGas } = transaction;
    if (nonce < countUpTo(blocks.length - 1)) return "nonce-too-low";
    const there = pool.get(nonce);
    if (there !== undefined && there.hash !== hash) {
      const enough = (mine: bigint, theirs: bigint) => mine > theirs && mine * 100n >= theirs * replacementPercent;
      if (!enough(maxFeePerGas, there.maxFeePerGas)) return "underpriced";
      if (!enough(maxPriorityFeePerGas, there.maxPriorityFeePerGas)) return "underpriced";
    }
    pool.set(nonce, transaction);
    return "accepted";
  }
  return chain;
}

function parse(raw: Hex): PooledTransaction {
  const plain: UnsignedTransaction = JSON.parse(hexToString(raw), (_, value: unknown) =>
    typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
  return { ...plain, raw, hash: keccak256(raw) };
}
