import type { Address, Hex } from "viem";
import type { Inclusion } from "./intent.ts";

/** Wei a unit of gas. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What a block costs at the moment. */
export interface FeeMarket {
  /** Of the newest block, wei a unit of gas. */
  readonly baseFeePerGas: bigint;
  /** What others pay on top. */
  readonly priorityFeePerGas: bigint;
  readonly headNumber: number;
}

export interface UnsignedTransaction extends Fees {
  readonly nonce: number;
  readonly to: Address;
  readonly data: Hex;
  readonly valueWei: bigint;
  readonly gasLimit: bigint;
}

export interface SignedTransaction {
  readonly hash: Hex;
  readonly raw: Hex;
}

/**
 * What nodes said of a transaction. `accepted`: it is in a pool, or was already. `nonce-too-low`: its nonce is used.
 * `underpriced`: it pays too little to replace what is there, or to be taken at all. `funds`: the account lacks them.
 * `rejected`: no node will ever take it like this.
 */
export type Broadcast = "accepted" | "nonce-too-low" | "underpriced" | "funds" | "rejected";

/** One chain and one key, as the sender of transactions sees them. Calls reject when the chain cannot be reached. */
export interface TransactionChain {
  readonly eid: number;
  readonly name: string;
  readonly address: Address;
  /** Transactions of this account up to the newest block, the newest final one, or in the pool as well. */
  transactionCount(at: "latest" | "finalized" | "pending"): Promise<number>;
  finalizedNumber(): Promise<number>;
  feeMarket(): Promise<FeeMarket>;
  balanceWei(): Promise<bigint>;
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>;
  broadcast(raw: Hex): Promise<Broadcast>;
  /** Null while it is in no block. */
  inclusion(hash: Hex): Promise<Inclusion | null>;
}
