import type { FeeMarket, Fees } from "./chain.ts";

export interface FeePolicy {
  /** Most that is ever paid for a unit of gas, wei; base fee and priority fee together. */
  readonly maxFeePerGasWei: bigint;
  /** Least and most paid on top of the base fee, wei. */
  readonly minPriorityFeeWei: bigint;
  readonly maxPriorityFeeWei: bigint;
  /** By how much a replacement pays more, in both fields. geth takes nothing below 10 (`--txpool.pricebump`). */
  readonly replacementPercent: number;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** EIP-1559 raises the base fee by an eighth at most: six full blocks double it. */
const roomForBaseFee = 2n;

/**
 * Fees for a transaction that replaces none: room for the base fee to double, and what others pay on
 * top.
 */
export function firstFees({ baseFeePerGas, priorityFeePerGas }: FeeMarket, policy: FeePolicy): Fees {
  const wanted = least(most(priorityFeePerGas, policy.minPriorityFeeWei), policy.maxPriorityFeeWei);
  const maxFeePerGas = least(baseFeePerGas * roomForBaseFee + wanted, policy.maxFeePerGasWei);
  return { maxFeePerGas, maxPriorityFeePerGas: least(wanted, maxFeePerGas) };
}

/**
 * Fees of a transaction that takes another's place: what the market asks now, and at least the configured percentage
 * more than before in each field, as pools demand. Rounded up, for pools compare exactly.
 *
 * @returns null when that is more than the policy allows.
 */
export function replacementFees(before: Fees, market: FeeMarket, policy: FeePolicy): Fees | null {
  const now = firstFees(market, policy);
  const maxPriorityFeePerGas = most(now.maxPriorityFeePerGas, raised(before.maxPriorityFeePerGas, policy));
  const maxFeePerGas = most(most(now.maxFeePerGas, raised(before.maxFeePerGas, policy)), maxPriorityFeePerGas);
  return maxFeePerGas > policy.maxFeePerGasWei ? null : { maxFeePerGas, maxPriorityFeePerGas };
}

/** Always more than before, even where a percentage of it is less than a wei. */
function raised(fee: bigint, { replacementPercent }: FeePolicy): bigint {
  return most((fee * BigInt(100 + replacementPercent) + 99n) / 100n, fee + 1n);
}

/** Whether a transaction with these fees can be in a block of this base fee. */
export const isIncludable = ({ maxFeePerGas }: Fees, { baseFeePerGas }: FeeMarket): boolean =>
  maxFeePerGas >= baseFeePerGas;

/** What a unit of gas really costs: the priority fee comes out of what the base fee leaves. */
export function effectiveGasPrice({ maxFeePerGas, maxPriorityFeePerGas }: Fees, { baseFeePerGas }: FeeMarket): bigint {
  return least(maxFeePerGas, baseFeePerGas + maxPriorityFeePerGas);
}
