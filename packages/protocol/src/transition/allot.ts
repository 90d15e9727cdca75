import type { Allotment } from "../epoch.ts";
import { InvariantBroken } from "../errors.ts";

/** One account's figures at one consumer, USD with 8 decimals, one entry a scenario. */
export interface Share {
  /** Loss of the portfolio at the cut. */
  readonly loss: BigInt64Array;
  /** What may have been lost by now, unseen. */
  readonly reserved: BigInt64Array;
  /** The part of it that rests on the posted epoch alone. Filled in only if reserved is more than the capacity. */
  readonly certain: BigInt64Array;
  /** Result: what may be lost. */
  readonly allotment: BigInt64Array;
}

/**
 * Shares an account's capacity among consumers:
 *
 *     slack    = capacity - sum of losses
 *     target   = loss + weight * max(0, slack)
 *     free     = capacity - sum of reserved
 *     wanted   = max(0, target - reserved)
 *     granted  = wanted, scaled down where the sum of wanted is more than free
 *     allotment = min(target, reserved + granted)     where free >= 0
 *                 min(target, certain)                elsewhere
 *
 * An account that some scenarios overload still gets what is free in the others. Closing a position gives up what it
 * gains in some scenario, so an allotment equal to the loss throughout would refuse every reduction; this refuses just
 * those changes that make an overloaded scenario worse.
 *
 * A consumer shrinks at once and grows only into what no other may still be using. As max(reserved, allotment) is at
 * most reserved + granted, sum max(reserved, allotment) <= capacity where free >= 0.
 *
 * Elsewhere some of what is reserved may rest on epochs that nobody can ever post, for want of a quorum; two of them
 * may each have promised the same capacity. So nothing is granted on their word: only what the posted epoch lets be
 * lost already, which adds nothing to what may be lost, whichever of the others are real.
 *
 * @param capacity What the account's collateral counts for, less requested withdrawals that are feasible.
 * @param weights With 8 decimals, less the buffer; with 0 the allotment is the loss.
 */
export function writeAllotments(capacity: BigInt64Array, shares: readonly Share[], weights: readonly bigint[]): void {
  for (const [index, share] of shares.entries()) writeTarget(capacity, shares, share, weights[index] ?? 0n);
  for (let s = 0; s < capacity.length; s++) {
    let free = capacity[s] as bigint;
    let wanted = 0n;
    for (let k = 0; k < shares.length; k++) {
      const share = shares[k] as Share;
      const reserved = share.reserved[s] as bigint;
      const target = share.allotment[s] as bigint;
      free = BigInt.asIntN(64, free - reserved);
      if (target > reserved) wanted = BigInt.asIntN(64, wanted + BigInt.asIntN(64, target - reserved));
    }
    if (free < 0n) holdToCertain(shares, s);
    else if (wanted > free) ration(shares, s, wanted, free);
  }
}

/** allotment := loss + weight * max(0, slack), rounded down. */
function writeTarget(capacity: BigInt64Array, shares: readonly Share[], share: Share, weight: bigint): void {
  const { loss, allotment } = share;
  allotment.set(loss);
  if (weight === 0n) return;
  const factor = BigInt.asIntN(64, weight);
  for (let s = 0; s < capacity.length; s++) {
    let slack = capacity[s] as bigint;
    for (let k = 0; k < shares.length; k++) slack = BigInt.asIntN(64, slack - ((shares[k] as Share).loss[s] as bigint));
    if (slack <= 0n) continue;
    const whole = BigInt.asIntN(64, slack / 100_000_000n);
    const fraction = BigInt.asIntN(64, slack - BigInt.asIntN(64, whole * 100_000_000n));
    const high = BigInt.asIntN(64, whole * factor);
    const low = BigInt.asIntN(64, BigInt.asIntN(64, fraction * factor) / 100_000_000n);
    allotment[s] = BigInt.asIntN(64, (loss[s] as bigint) + BigInt.asIntN(64, high + low));
  }
}

function holdToCertain(shares: readonly Share[], scenario: number): void {
  for (const { certain, allotment } of shares) {
    const most = certain[scenario] as bigint;
    if ((allotment[scenario] as bigint) > most) allotment[scenario] = most;
  }
}

/** Scales what is wanted beyond `reserved` down into `free`; rounded down. */
function ration(shares: readonly Share[], scenario: number, wanted: bigint, free: bigint): void {
  for (const { reserved, allotment } of shares) {
    const floor = reserved[scenario] as bigint;
    const want = (allotment[scenario] as bigint) - floor;
    if (want > 0n) allotment[scenario] = floor + (want * free) / wanted;
  }
}

/**
 * Checks the rule that everything rests on: in no scenario may more be lost than the collateral is worth, unless it may
 * have been lost already; and then nothing is allotted beyond what the posted epochs let be lost.
 * @throws {InvariantBroken}
 */
export function assertWithinCapacity(capacity: BigInt64Array, shares: readonly Share[], account: string): void {
  for (let s = 0; s < capacity.length; s++) {
    let exposed = 0n;
    for (let k = 0; k < shares.length; k++) {
      const share = shares[k] as Share;
      exposed = BigInt.asIntN(64, exposed + exposure(share, share.allotment, s));
    }
    if (exposed <= (capacity[s] as bigint)) continue;
    if (shares.some(({ certain, allotment }) => (allotment[s] as bigint) > (certain[s] as bigint))) {
      throw new InvariantBroken(`account ${account} may lose more than its collateral in scenario ${s}`);
    }
  }
}

/** Whether allotments fit into the capacity together with what is reserved. */
export function fitsCapacity(
  capacity: BigInt64Array,
  shares: readonly Share[],
  allotments: readonly Allotment[],
): boolean {
  for (let s = 0; s < capacity.length; s++) {
    let exposed = 0n;
    for (let k = 0; k < shares.length; k++) {
      exposed = BigInt.asIntN(64, exposed + exposure(shares[k] as Share, (allotments[k] as Allotment).losses, s));
    }
    if (exposed > (capacity[s] as bigint)) return false;
  }
  return true;
}

/** The most that may be lost there, by what ruled before or by the new allotment. */
function exposure({ reserved }: Share, allotment: BigInt64Array, scenario: number): bigint {
  const before = reserved[scenario] as bigint;
  const now = allotment[scenario] as bigint;
  if (now > before) return now;
  return before;
}
