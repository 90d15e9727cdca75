import { setTimeout as sleep } from "node:timers/promises";
import { type Hash, type TransactionReceipt, TransactionReceiptNotFoundError } from "viem";
import type { ChainClient } from "./chains/client.ts";
import { ReceiptLate } from "./errors.ts";

export interface ReceiptOptions {
  readonly pollMs?: number;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits until a transaction is mined. Only asks for the receipt: nothing here replaces transactions, which is what
 * makes a general wait dear.
 *
 * @throws {ReceiptLate} After the deadline, or once `signal` is aborted.
 * @example
 * const { status } = await receiptOf(client, hash);
 */
export async function receiptOf(
  client: ChainClient,
  hash: Hash,
  { pollMs = 50, deadlineMs = 20_000, signal }: ReceiptOptions = {},
): Promise<TransactionReceipt> {
  const end = Date.now() + deadlineMs;
  while (!signal?.aborted && Date.now() < end) {
    try {
      return await client.getTransactionReceipt({ hash });
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
    }
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
  throw new ReceiptLate(hash);
}
