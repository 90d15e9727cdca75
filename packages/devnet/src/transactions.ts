import { type Address, BaseError, getContractAddress, type Hash, type Hex } from "viem";
import type { Chain } from "./chains/anvil.ts";
import { NonceTaken, ReceiptLate, TransactionFailed } from "./errors.ts";
import { receiptOf } from "./receipts.ts";

/** Enough for the largest contract that may be deployed. */
const deploymentGas = 14_000_000n;
const callGas = 6_000_000n;

/**
 * Sends an account's transactions one after the other without waiting for any: a contract's address is known from the
 * sender and the nonce. `settle` then looks at all receipts.
 */
export interface TransactionBatch {
  /** @returns The address at which the contract will be. */
  deploy(name: string, initCode: Hex): Address;
  call(name: string, to: Address, data: Hex, value?: bigint): void;
  /** Resolves when all that was sent so far is mined. */
  settle(): Promise<void>;
}

interface Sent {
  readonly name: string;
  readonly to: Address | null;
  readonly data: Hex;
  readonly nonce: number;
  readonly hash: Promise<Hash>;
}

/**
 * Starts a batch from an account that anvil has the key of. Nothing else may send from it meanwhile: of two transactions
 * with one nonce the chain mines one.
 *
 * @throws {TransactionFailed} From `settle`, naming the contract or call.
 * @throws {NonceTaken} From `settle`: something else sent from the account meanwhile.
 * @throws {ReceiptLate} From `settle`.
 * @example
 * const batch = await startBatch(chain, deployer.address);
 * const endpoint = batch.deploy("EndpointV2", initCode);
 * await batch.settle();
 */
export async function startBatch(chain: Chain, from: Address): Promise<TransactionBatch> {
  let nonce = await chain.client.getTransactionCount({ address: from, blockTag: "pending" });
  let sent: Sent[] = [];
  let previous: Promise<unknown> = Promise.resolve();

  function send(name: string, to: Address | null, data: Hex, value = 0n): void {
    const parameters = {
      account: from,
      chain: null,
      to,
      data,
      value,
      nonce,
      gas: to === null ? deploymentGas : callGas,
    };
    // In order of nonces: anvil mines what it can execute at once, and a gap would sit in its pool.
    const hash = previous.then(() => chain.client.sendTransaction(parameters));
    previous = hash.catch(() => {});
    // Looked at by `settle`; until then it must not count as unhandled.
    hash.catch(() => {});
    sent.push({ name, to, data, nonce, hash });
    nonce += 1;
  }

  return {
    deploy(name, initCode) {
      const address = getContractAddress({ from, nonce: BigInt(nonce) });
      send(name, null, initCode);
      return address;
    },
    call: send,
    async settle() {
      const batch = sent;
      sent = [];
      for (const transaction of batch) await assertSucceeded(chain, from, transaction);
    },
  };
}

async function assertSucceeded(chain: Chain, from: Address, sent: Sent): Promise<void> {
  const { name, to, data, nonce, hash } = sent;
  try {
    const receipt = await receiptOf(chain.client, await hash, { pollMs: 20, from, nonce });
    if (receipt.status === "success") return;
    const blockNumber = receipt.blockNumber - 1n;
    await chain.client.call({ account: from, data, blockNumber, ...(to ? { to } : {}) });
  } catch (cause) {
    if (cause instanceof NonceTaken || cause instanceof ReceiptLate) throw cause;
    throw new TransactionFailed(chain.name, name, reasonOf(cause), { cause });
  }
  throw new TransactionFailed(chain.name, name, "it reverted");
}

function reasonOf(cause: unknown): string {
  if (cause instanceof BaseError) return cause.details || cause.shortMessage;
  return cause instanceof Error ? cause.message : String(cause);
}
