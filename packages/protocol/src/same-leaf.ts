import type { Allotment, Withdrawable } from "./epoch.ts";

/** Whether two allotments are the same leaf. Often they are one object: an epoch takes over what stays as it is. */
export function sameAllotment(a: Allotment, b: Allotment): boolean {
  if (a === b) return true;
  if (a.status !== b.status || a.grossLimit !== b.grossLimit || a.losses.length !== b.losses.length) return false;
  for (let s = 0; s < a.losses.length; s++) if (a.losses[s] !== b.losses[s]) return false;
  return true;
}

/** Whether two withdrawables are the same leaf. */
export function sameWithdrawable(a: Withdrawable, b: Withdrawable): boolean {
  return a === b || (a.approvedTotal === b.approvedTotal && a.exitTotal === b.exitTotal);
}
