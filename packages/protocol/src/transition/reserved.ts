import { abs, divUp, oneE8 } from "@plimsoll/risk/fixed-point";
import type { SplitVector } from "@plimsoll/risk/vectors";
import { zeroSum } from "@plimsoll/risk/vectors";
import type { Allotment } from "../epoch.ts";
import type { Portfolio } from "../state.ts";
import { matchingRow } from "./books.ts";
import type { Drift } from "./drift.ts";
import { covers, grossIn, writeLosses } from "./holdings.ts";
import type { Path } from "./path.ts";

/** Memory that is used again for every account. */
export interface ReservedScratch {
  readonly sum: SplitVector;
  readonly losses: BigInt64Array;
}

export function makeReservedScratch(mostScenarios: number): ReservedScratch {
  return { sum: zeroSum(mostScenarios), losses: new BigInt64Array(mostScenarios) };
}

/**
 * Writes what an account may have lost at one consumer by now, unseen: for every scenario of today, a bound on the
 * loss, at today's arrays, of every portfolio that the contract can have let it reach since the cut.
 *
 * Walks the epochs that may have ruled, in order, keeping two numbers for the epoch e it has come to:
 *
 *     U[s] >= loss in s, at e's arrays, of every portfolio that can have been reached by the end of e's rule
 *     H    >= notional, at e's arrays, of every such portfolio
 *
 * Start: while the portfolio holds an instrument without a leaf the contract refuses every change of it, so it is
 * still the one at the cut. At the first epoch that has all, U and H are its loss and notional there.
 * Only a settlement is never refused. It turns a position into cash at a price that is the same in every scenario from
 * then on, so it moves the loss by no more than a last digit; and what may have been settled blocks no change.
 * Under e a change is allowed only if loss' <= allotment or loss' <= loss, and gross' <= limit or gross' <= gross, so
 * U = max(U, allotment) and H = max(H, limit). Without a leaf only the second alternatives are left: no change.
 * From e to the next epoch f, posted or skipped, a portfolio's loss grows by at most H * drift and its notional by the
 * ratio of notionals. The same step leads from the last epoch to today.
 *
 * An instrument that was reduce-only in every one of these epochs is held in no larger size than at the cut: its part of
 * the drift is that size times what a unit moved, and is not in the drift of the rest. Else the step from its last tradable
 * array to the next (its settlement, say) would count for all that a gross limit lets somebody hold, and for everybody.
 *
 * It adds up the drift between epochs rather than taking it from each to today: somebody who closes and reopens a
 * position at every turn of the price keeps the loss of every leg, so where prices went in between does matter.
 *
 * @param allotments The account's leaf at each step of the path; undefined where it has none.
 * @param lossToday Loss of the portfolio at the cut in every scenario of today.
 * @param target As long as today's scenarios.
 */
export function writeReserved(
  path: Path,
  portfolio: Portfolio,
  allotments: readonly (Allotment | undefined)[],
  lossToday: BigInt64Array,
  scratch: ReservedScratch,
  target: BigInt64Array,
): void {
  const bound = scratch.losses;
  let limit = 0n;
  let frozen = true;
  let scenarios = 0;
  for (let index = 0; index < path.steps.length; index++) {
    const step = path.steps[index];
    if (step === undefined) break;
    if (!frozen && step.drift) {
      addDrift(bound, scenarios, limit, step.drift);
      addHeldDrift(bound, portfolio, step.drift);
      limit = scaleUp(limit, step.drift.notionalRatio);
    } else if (covers(step.book, portfolio, true)) {
      writeLosses(portfolio, step.book, scratch.sum, bound);
      limit = grossIn(portfolio, step.book);
      frozen = false;
    }
    scenarios = step.book.scenarios;
    const allotment = allotments[index];
    if (frozen || allotment === undefined) continue;
    raise(bound, allotment.losses);
    if (allotment.grossLimit > limit) limit = allotment.grossLimit;
  }
  if (frozen || path.drift === null) {
    target.set(lossToday);
    addSettlements(target, path, portfolio);
    return;
  }
  addDrift(bound, scenarios, limit, path.drift);
  addHeldDrift(bound, portfolio, path.drift);
  target.set(bound.subarray(0, target.length));
  addSettlements(target, path, portfolio);
  raise(target, lossToday);
}

/** A settlement rounds cash down to the last digit: it may cost that digit, once for every position that can be settled. */
function addSettlements(target: BigInt64Array, { settling, onlyShrunk }: Path, { positions }: Portfolio): void {
  let digits = 0n;
  for (const id of settling) if (positions.has(id) || !onlyShrunk.has(id)) digits += 1n;
  if (digits === 0n) return;
  for (let s = 0; s < target.length; s++) target[s] = BigInt.asIntN(64, (target[s] as bigint) + digits);
}

/** bound := bound, by the later rows, plus notional * drift; rounded up. */
function addDrift(bound: BigInt64Array, scenariosBefore: number, notional: bigint, drift: Drift): void {
  const { perNotional } = drift;
  for (let s = scenariosBefore; s < perNotional.length; s++)
    bound[s] = bound[matchingRow(s, scenariosBefore)] as bigint;
  const high = BigInt.asIntN(64, notional >> 24n);
  const low = BigInt.asIntN(64, notional & 0xff_ffffn);
  for (let s = 0; s < perNotional.length; s++) {
    const move = perNotional[s] as bigint;
    const rest = BigInt.asIntN(64, BigInt.asIntN(64, low * move) + 0xff_ffffn) >> 24n;
    const loss = BigInt.asIntN(64, BigInt.asIntN(64, high * move) + BigInt.asIntN(64, rest));
    bound[s] = BigInt.asIntN(64, (bound[s] as bigint) + loss);
  }
}

/** bound := bound + the size at the cut of each instrument that can only have shrunk * what a unit moved; rounded up. */
function addHeldDrift(bound: BigInt64Array, portfolio: Portfolio, { perUnit }: Drift): void {
  if (perUnit.size === 0) return;
  for (const [id, size] of portfolio.positions) {
    const moves = perUnit.get(id);
    if (moves === undefined) continue;
    const units = abs(size);
    for (let s = 0; s < moves.length; s++) {
      bound[s] = BigInt.asIntN(64, (bound[s] as bigint) + divUp(units * (moves[s] as bigint), oneE8));
    }
  }
}

function scaleUp(value: bigint, ratio: bigint): bigint {
  return (value * ratio + 0xff_ffffn) >> 24n;
}

function raise(target: BigInt64Array, floor: BigInt64Array): void {
  const length = Math.min(target.length, floor.length);
  for (let s = 0; s < length; s++) {
    const least = floor[s] as bigint;
    if (least > (target[s] as bigint)) target[s] = least;
  }
}
