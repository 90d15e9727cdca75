import { max } from "@plimsoll/risk/fixed-point";
import type { SplitVector } from "@plimsoll/risk/vectors";
import { type Collateral, writeCollateralValue } from "./capacity.ts";

/** What became of an account's withdrawal requests. */
export interface Withdrawals {
  /** By index in the account's collateral: the approved total of this epoch. */
  readonly approvedTotals: readonly bigint[];
  /** Whether a request is feasible but has to wait until chains have posted smaller allotments. */
  readonly waiting: boolean;
}

/**
 * Decides on an account's withdrawal requests, each as a whole, in order of eid and asset.
 *
 * A request is feasible if the account stays solvent in every scenario without that collateral (and without what
 * feasible requests before it take). It is approved once what may already have been lost, unseen, is covered without
 * it too; until then allotments are shared out as if it were gone, so that chains give way.
 *
 * @param capacity Collateral before this epoch's approvals; on return less every feasible request.
 * @param slack capacity less losses; on return less every feasible request.
 * @param reservedSum What may have been lost by now, over all consumers.
 * @param allowed False while the account may not withdraw at all, for example on a stale price.
 */
export function decideWithdrawals(
  collateral: readonly Collateral[],
  capacity: BigInt64Array,
  slack: BigInt64Array,
  reservedSum: BigInt64Array,
  allowed: boolean,
  sum: SplitVector,
): Withdrawals {
  const approvedTotals = collateral.map(({ approvedBefore }) => approvedBefore);
  if (!allowed || !collateral.some(isOpen)) return { approvedTotals, waiting: false };
  let waiting = false;
  const free = capacity.map((value, s) => value - (reservedSum[s] ?? 0n));
  for (const [index, item] of collateral.entries()) {
    if (!isOpen(item)) continue;
    const taken = new BigInt64Array(capacity.length);
    const left = new BigInt64Array(capacity.length);
    writeCollateralValue(item, item.gone, sum, taken);
    writeCollateralValue(item, max(item.requestedTotal, item.gone), sum, left);
    for (let s = 0; s < taken.length; s++) taken[s] = (taken[s] ?? 0n) - (left[s] ?? 0n);
    if (!covers(slack, taken)) continue;
    subtract(slack, taken);
    subtract(capacity, taken);
    if (covers(free, taken)) {
      subtract(free, taken);
      approvedTotals[index] = item.requestedTotal;
    } else waiting = true;
  }
  return { approvedTotals, waiting };
}

/** Asked for, not yet approved, and there to be paid. */
function isOpen({ requestedTotal, approvedBefore, deposited }: Collateral): boolean {
  return requestedTotal > approvedBefore && requestedTotal <= deposited;
}

/** What counts for nothing can always go. */
function covers(available: BigInt64Array, taken: BigInt64Array): boolean {
  return taken.every((value, s) => value === 0n || value <= (available[s] ?? 0n));
}

function subtract(from: BigInt64Array, taken: BigInt64Array): void {
  for (let s = 0; s < from.length; s++) from[s] = (from[s] ?? 0n) - (taken[s] ?? 0n);
}
