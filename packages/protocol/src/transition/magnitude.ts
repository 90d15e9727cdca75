import { mostProducts } from "@plimsoll/risk/vectors";
import type { Allotment } from "../epoch.ts";
import type { Portfolio } from "../state.ts";
import type { Drift } from "./drift.ts";
import type { Path } from "./path.ts";

// Which accounts are too large for 64 bits. Floating point is enough here: it decides only which accounts are left
// out, it does so alike everywhere (no function of `Math` that engines may differ in), and the limit leaves a factor
// of eight to the range of int64.

/** USD with 8 decimals: 11.5 billion dollars over all of an account's figures. */
export const largestMagnitude = 2 ** 60;

/** Drifts so large make intermediate products leave 64 bits. */
const largestDrift = 2 ** 38;

/**
 * No smaller than any figure that valuing the portfolio, and bounding what became of it, passes through.
 * Infinite when it cannot be computed at all.
 */
export function consumerMagnitude(
  path: Path,
  portfolio: Portfolio,
  allotments: readonly (Allotment | undefined)[],
): number {
  if (portfolio.positions.size > mostProducts) return Number.POSITIVE_INFINITY;
  let held = Math.abs(Number(portfolio.cash));
  for (const [id, size] of portfolio.positions) {
    held += (Math.abs(Number(size)) / 1e8 + 1) * ((path.largest.get(id) ?? 0) + 1);
  }
  let bound = held;
  let notional = held;
  let seen: Allotment | undefined;
  for (let index = 0; index < path.steps.length; index++) {
    const drift = path.steps[index]?.drift;
    if (drift) {
      bound += driftMagnitude(notional, drift) + heldMagnitude(portfolio, drift);
      notional *= Math.max(1, Number(drift.notionalRatio) / 2 ** 24);
    }
    const allotment = allotments[index];
    if (allotment === undefined || allotment === seen) continue;
    seen = allotment;
    bound = Math.max(bound, largestOf(allotment.losses));
    notional = Math.max(notional, Number(allotment.grossLimit));
  }
  if (path.drift) bound += driftMagnitude(notional, path.drift) + heldMagnitude(portfolio, path.drift);
  return held + bound + notional;
}

function driftMagnitude(notional: number, drift: Drift): number {
  const largest = Number(drift.largest);
  if (notional === 0 || largest === 0) return 0;
  return largest >= largestDrift ? Number.POSITIVE_INFINITY : (notional / 2 ** 24 + 1) * largest;
}

function heldMagnitude({ positions }: Portfolio, { perUnit }: Drift): number {
  let sum = 0;
  if (perUnit.size === 0) return sum;
  for (const [id, size] of positions) {
    const moves = perUnit.get(id);
    if (moves) sum += (Math.abs(Number(size)) / 1e8 + 1) * (largestOf(moves) + 1);
  }
  return sum;
}

function largestOf(values: BigInt64Array): number {
  let most = 0n;
  let least = 0n;
  for (let s = 0; s < values.length; s++) {
    const value = values[s] as bigint;
    if (value > most) most = value;
    if (value < least) least = value;
  }
  return Math.max(Number(most), -Number(least));
}
