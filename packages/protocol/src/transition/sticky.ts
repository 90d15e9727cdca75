import { oneBps } from "@plimsoll/risk/fixed-point";
import type { Allotment } from "../epoch.ts";

/**
 * Whether an allotment is so near to the one of the epoch before that it is not worth changing: no entry moves by more
 * than `stickyBps` of the account's least slack, and the gross limit by no more than that times the leverage granted.
 *
 * Safety does not rest on this: what is kept must fit into the capacity all the same.
 */
export function isNearlySame(
  before: Allotment,
  now: Allotment,
  leastSlack: bigint,
  stickyBps: number,
  maxLeverage: number,
): boolean {
  if (before.status !== now.status || before.losses.length !== now.losses.length) return false;
  const tolerance = leastSlack > 0n ? (leastSlack * BigInt(stickyBps)) / oneBps : 0n;
  const grossMove = before.grossLimit - now.grossLimit;
  if ((grossMove < 0n ? -grossMove : grossMove) > tolerance * BigInt(maxLeverage)) return false;
  return isNear(before.losses, now.losses, BigInt.asIntN(64, tolerance));
}

function isNear(a: BigInt64Array, b: BigInt64Array, tolerance: bigint): boolean {
  for (let s = 0; s < a.length; s++) {
    const move = BigInt.asIntN(64, (a[s] as bigint) - (b[s] as bigint));
    if (move > tolerance || BigInt.asIntN(64, -move) > tolerance) return false;
  }
  return true;
}
