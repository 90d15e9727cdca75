import { divUp, max, min, mulUp, oneBps, oneE8 } from "@plimsoll/risk/fixed-point";
import { type AccountStatus, accountStatus } from "../epoch.ts";
import { InvariantBroken } from "../errors.ts";
import type { Share } from "./allot.ts";

// What the leaves of an account say whose positions are sold: below maintenance margin to whoever takes them, and once it
// owes more than its collateral counts for, to the backstop.

/** A liquidation stops where base covers maintenance margin and this share of it more. */
const liquidationBufferBps = 2_000n;

/** Whether others may take its positions. */
export function isSold(status: AccountStatus): boolean {
  return status === accountStatus.liquidatable || status === accountStatus.insolvent;
}

/** An account's figures over all chains, USD E8. */
interface Valued {
  /** Collateral plus portfolios less concentration, one entry a scenario. */
  readonly values: BigInt64Array;
  readonly shares: readonly Share[];
  readonly concentration: bigint;
}

/**
 * The notional that may be held at each consumer, before anything that an active account may add: what is held, or what
 * may be left of it once the account is liquidated, or nothing. USD E8, rounded up.
 */
export function mostHeld(
  status: AccountStatus,
  gross: readonly bigint[],
  valued: Valued,
  maintenanceBps: number,
): readonly bigint[] {
  if (status === accountStatus.insolvent) return gross.map(() => 0n);
  if (status !== accountStatus.liquidatable) return gross;
  const keepE8 = keepShare(valued, maintenanceBps);
  return gross.map((notional) => mulUp(notional, keepE8));
}

/**
 * The largest share of its positions that an account can keep, the rest sold at the mark, with maintenance margin and the
 * buffer covered: E8, rounded up, from 0 to 1. For every scenario s, with c the collateral's value, V that of the portfolios
 * and m the maintenance share with the buffer on top,
 *
 *     m * ((c[0] - c[s]) + keep * (V[0] - V[s]))  <=  base + (1 - keep) * concentration
 *
 * Concentration is convex in the positions and nothing without any, so it falls by at least the share that is sold. A
 * scenario in which the positions pay for the collateral's loss bounds nothing: selling them is no help there.
 */
export function keepShare({ values, shares, concentration }: Valued, maintenanceBps: number): bigint {
  const one = oneBps * oneBps;
  const m = (oneBps + liquidationBufferBps) * BigInt(maintenanceBps);
  const portfolioValue = (s: number) => shares.reduce((sum, { loss }) => sum - (loss[s] as bigint), 0n);
  const base = values[0] as bigint;
  const held = portfolioValue(0);
  let keepE8 = oneE8;
  for (let s = 0; s < values.length; s++) {
    const fall = held - portfolioValue(s);
    const collateralFall = base - (values[s] as bigint) - fall;
    const needed = m * fall + one * concentration;
    if (needed <= 0n) continue;
    const covered = one * (base + concentration) - m * collateralFall;
    keepE8 = min(keepE8, max(0n, divUp(covered * oneE8, needed)));
  }
  return keepE8;
}

/**
 * What each consumer may leave an insolvent account owing once everything there is sold: the same figure in every scenario.
 *
 *     D = sum of losses - capacity, with no shock        what nobody but the backstop and counterparties can cover
 *     o_k = max(0, loss_k)                               what it owes at k
 *     first those that hold positions, H, by what it owes there:
 *     a_k = loss_k - min(D, O_H) * o_k / O_H             O_H = sum of o over H; rounded down
 *     then all others, by the rest:
 *     a_k = loss_k - max(0, D - O_H) * o_k / O_others    rounded down
 *
 * So sum a_k <= capacity. What is asked for where nothing is left to be closed only a backstop could pay: books that are
 * closed in different epochs are to leave no such debt. A constant admits the sale of any share of the positions at the
 * mark with that payment: the losses after it lie between those before and a_k.
 *
 * @param capacity Without the charge for large positions.
 * @param gross Notional held at each consumer.
 */
export function writeInsolventAllotments(
  capacity: BigInt64Array,
  shares: readonly Share[],
  gross: readonly bigint[],
): void {
  const lost = shares.map(({ loss }) => loss[0] as bigint);
  const deficit = lost.reduce((sum, one) => sum + one, -(capacity[0] as bigint));
  const owedBy = (held: boolean) => lost.map((one, k) => ((gross[k] as bigint) > 0n === held ? max(0n, one) : 0n));
  const [holding, others] = [owedBy(true), owedBy(false)];
  const [byHolding, byOthers] = [total(holding), total(others)];
  // Where nothing is owed elsewhere all of it is asked for here.
  const asked = byOthers > 0n ? min(deficit, byHolding) : deficit;
  for (const [k, { allotment }] of shares.entries()) {
    const paid =
      shareUp(asked, holding[k] as bigint, byHolding) + shareUp(deficit - asked, others[k] as bigint, byOthers);
    allotment.fill((lost[k] as bigint) - paid);
  }
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, one) => sum + one, 0n);
const shareUp = (amount: bigint, part: bigint, all: bigint): bigint => (part === 0n ? 0n : divUp(amount * part, all));

/**
 * The rule for an insolvent account, in place of `assertWithinCapacity`: sold out under its leaves it owes no more than its
 * collateral counts for, and no leaf lets it lose more at the mark than it has lost. In other scenarios it has nothing left
 * to protect.
 * @throws {InvariantBroken}
 */
export function assertDebtsWithinCapacity(capacity: BigInt64Array, shares: readonly Share[], account: string): void {
  const owed = shares.reduce((sum, { allotment }) => sum + (allotment[0] as bigint), 0n);
  if (
    owed > (capacity[0] as bigint) ||
    shares.some(({ loss, allotment }) => allotment.some((most) => most > (loss[0] as bigint)))
  ) {
    throw new InvariantBroken(`insolvent account ${account} may be left owing more than its collateral`);
  }
}
