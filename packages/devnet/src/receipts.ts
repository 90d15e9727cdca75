import { setTimeout as sleep } from "node:timers/promises";
import { type Address, type Hash, type TransactionReceipt, TransactionReceiptNotFoundError } from "viem";
import type { ChainClient } from "./chains/client.ts";
import { NonceTaken, ReceiptLate } from "./errors.ts";

export interface ReceiptOptions {
  readonly pollMs?: number;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Whose it is and its number: given, it is noticed when another transaction is mined in its stead. */
  readonly from?: Address;
  readonly nonce?: number;
}

/**
 * Waits until a transaction is mined. Only asks for the receipt: nothing here replaces transactions, which is what
 * makes a general wait dear.
 *
 * @throws {ReceiptLate} After the deadline, or once `signal` is aborted.
 * @throws {NonceTaken} Where `from` and `nonce` are given.
 * @example
 * const { status } = await receiptOf(client, hash);
 */
export async function receiptOf(
  client: ChainClient,
  hash: Hash,
  { pollMs = 50, deadlineMs = 60_000, signal, from, nonce }: ReceiptOptions = {},
): Promise<TransactionReceipt> {
  const end = Date.now() + deadlineMs;
  let passed = false;
  while (!signal?.aborted && Date.now() < end) {
    try {
      return await client.getTransactionReceipt({ hash });
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
    }
    if (from !== undefined && nonce !== undefined) {
      // Looked for once more after its nonce was: it may have been mined in between.
      if (passed) throw new NonceTaken(from, nonce, hash);
      passed = (await client.getTransactionCount({ address: from })) > nonce;
    }
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
  throw new ReceiptLate(hash);
}
