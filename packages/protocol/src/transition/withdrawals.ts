import { max, min, oneE8 } from "@plimsoll/risk/fixed-point";
import type { SplitVector } from "@plimsoll/risk/vectors";
import type { Withdrawable } from "../epoch.ts";
import { type Collateral, countedAmount, writeCollateralValue } from "./capacity.ts";

/** What may leave an account's vaults. */
export interface Withdrawals {
  /** By index in the account's collateral. */
  readonly withdrawables: readonly Withdrawable[];
  /** Whether something has to wait until chains have posted smaller allotments. */
  readonly waiting: boolean;
}

/** An account's figures in every scenario, USD E8. */
export interface Figures {
  /** Collateral without what may have gone before this epoch; on return also without what is to go, or may go by exit. */
  readonly capacity: BigInt64Array;
  /** Collateral that is not gone, less losses; on return less every feasible request and what is kept for exit. */
  readonly slack: BigInt64Array;
  /** What may have been lost by now, over all consumers. */
  readonly reservedSum: BigInt64Array;
  readonly sum: SplitVector;
}

export interface WithdrawalRules {
  /** False while nothing may be approved, for example on a stale price. */
  readonly allowed: boolean;
  /** E8: the share of what is there that is kept for exit. */
  readonly exitShare: bigint;
}

/**
 * Decides on what may leave, in order of eid and asset: an account's withdrawal requests, each as a whole, and what is
 * kept for its exit.
 *
 * A request is feasible if the account stays solvent in every scenario without that collateral (and without what
 * feasible requests before it take). It is approved once what may already have been lost, unseen, is covered without
 * it too; until then allotments are shared out as if it were gone, so that chains give way. An exit total is raised by
 * the same rule. It is lowered at once, but what an earlier epoch lets go stays off the capacity until a cut shows that
 * the vault's chain has taken the later one.
 */
export function decideWithdrawals(
  collateral: readonly Collateral[],
  { capacity, slack, reservedSum, sum }: Figures,
  { allowed, exitShare }: WithdrawalRules,
): Withdrawals {
  if (exitShare === 0n && (!allowed || !collateral.some(isOpen))) {
    return { withdrawables: collateral.map((item) => withdrawable(item, item.approvedBefore, 0n)), waiting: false };
  }
  let waiting = false;
  const free = capacity.map((value, s) => value - (reservedSum[s] ?? 0n));

  const withdrawables = collateral.map((item) => {
    const worth = (from: bigint, to: bigint) => valueBetween(item, from, to, sum, capacity.length);
    let approvedTotal = item.approvedBefore;
    let gone = item.gone;
    let offCapacity = item.exitable;
    let covered = true;
    if (allowed && isOpen(item)) {
      const asked = max(item.requestedTotal, gone);
      const taken = worth(gone, asked);
      if (covers(slack, taken)) {
        subtract(slack, taken);
        gone = asked;
        takeOff(asked);
        if (covered) approvedTotal = item.requestedTotal;
      }
    }
    const wanted = exitTotalWanted(item, gone, exitShare);
    subtract(slack, worth(gone, wanted));
    takeOff(wanted);
    if (!covered) waiting = true;
    return withdrawable(item, approvedTotal, covered ? wanted : min(wanted, item.exitable));

    /** What goes beyond what may be gone already is off the capacity from now on, and allowed once it is free. */
    function takeOff(total: bigint): void {
      if (total <= offCapacity) return;
      const taken = worth(offCapacity, total);
      offCapacity = total;
      subtract(capacity, taken);
      covered &&= covers(free, taken);
      if (covered) subtract(free, taken);
    }
  });
  return { withdrawables, waiting };
}

/** What the posted epoch lets go is real whatever becomes of other epochs, and can be repeated; nothing else. */
export function certainWithdrawable(item: Collateral, exitShare: bigint): Withdrawable {
  return withdrawable(item, item.approvedForSure, min(exitTotalWanted(item, item.gone, exitShare), item.exitForSure));
}

/** `gone` alone where nothing is kept for exit. */
function exitTotalWanted(item: Collateral, gone: bigint, exitShare: bigint): bigint {
  return gone + (countedAmount(item, gone) * exitShare) / oneE8;
}

/**
 * The same object as in the newest epoch where it says the same, so that its leaf is not hashed again.
 *
 * Never beyond what was deposited, whatever an earlier epoch approved: a quorum may have signed that against the rules, and
 * whoever repeated it would be answerable for it (`OperatorBonds.proveOverApproval`), while the vault would not pay by it.
 */
function withdrawable({ deposited, newest }: Collateral, approved: bigint, exit: bigint): Withdrawable {
  const approvedTotal = min(approved, deposited);
  const exitTotal = max(approvedTotal, min(exit, deposited));
  if (newest?.approvedTotal === approvedTotal && newest.exitTotal === exitTotal) return newest;
  return { approvedTotal, exitTotal };
}

/** What it counts for less, in every scenario, once `to` in all is gone and not `from`. */
function valueBetween(item: Collateral, from: bigint, to: bigint, sum: SplitVector, scenarios: number): BigInt64Array {
  const value = new BigInt64Array(scenarios);
  if (to <= from) return value;
  const left = new BigInt64Array(scenarios);
  writeCollateralValue(item, from, sum, value);
  writeCollateralValue(item, to, sum, left);
  subtract(value, left);
  return value;
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
