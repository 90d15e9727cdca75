import { type Hex, hexToBytes } from "viem";
import type { FeeMarket, Fees } from "./chain.ts";
import { effectiveGasPrice, type FeePolicy, isIncludable, replacementFees } from "./fees.ts";

/** A transfer to oneself, which takes a nonce and does nothing. */
export const selfTransferGas = 21_000n;

/** What a call spends until it finds that it came too late: a slot read, a revert. */
const revertGas = 5_000n;

/**
 * Gas that a call costs although it reverts at once: what its bytes cost, or EIP-7623's floor for them.
 *
 * Source: EIP-2028 (4 and 16 a byte), EIP-7623 (at least 10 and 40).
 */
export function gasOfFailure(data: Hex): bigint {
  let tokens = 0n;
  for (const byte of hexToBytes(data)) tokens += byte === 0 ? 1n : 4n;
  const standard = selfTransferGas + 4n * tokens + revertGas;
  const floor = selfTransferGas + 10n * tokens;
  return standard > floor ? standard : floor;
}

/** What to do about a transaction that nobody needs any more and that may still be in a pool. */
export type Withdrawal =
  /** It cannot be in a block at today's fees: the next transaction takes its nonce. */
  | { readonly decision: "leave" }
  /** To let it fail costs less than to take its place. */
  | { readonly decision: "let-fail" }
  | { readonly decision: "cancel"; readonly fees: Fees };

/**
 * One of the two is mined, never both; so the cheaper one is wanted.
 *
 * @param blocking others wait behind its nonce: then it has to go, whatever it costs.
 */
export function withdrawalOf(
  pending: Fees & { readonly data: Hex },
  market: FeeMarket,
  policy: FeePolicy,
  blocking: boolean,
): Withdrawal {
  const includable = isIncludable(pending, market);
  if (!includable && !blocking) return { decision: "leave" };
  const fees = replacementFees(pending, market, policy);
  if (fees === null) return { decision: includable ? "let-fail" : "leave" };
  if (blocking && !includable) return { decision: "cancel", fees };
  const cancelling = selfTransferGas * effectiveGasPrice(fees, market);
  const failing = gasOfFailure(pending.data) * effectiveGasPrice(pending, market);
  return cancelling < failing ? { decision: "cancel", fees } : { decision: "let-fail" };
}
