import type { MarginSummary } from "@plimsoll/risk/margin";
import type { SplitVector } from "@plimsoll/risk/vectors";
import { type AccountStatus, type Allotment, accountStatus } from "../epoch.ts";
import type { Portfolio } from "../state.ts";
import { type Collateral, collateralMagnitude, writeValueAtLastPrice } from "./capacity.ts";
import type { Context } from "./context.ts";
import { covers } from "./holdings.ts";
import { consumerMagnitude, largestMagnitude } from "./magnitude.ts";

// How an account stands, by its margin and by how far its prices can be relied on.

/** Why an account gets no leaves: it then may only reduce, and nothing more is approved. */
export type AccountProblem = "too-large" | "unpriced";

/** Whether an account cannot be computed, and why. `before` are its leaves along each consumer's path. */
export function findProblem(
  { consumers }: Context,
  portfolios: readonly Portfolio[],
  before: readonly (readonly (Allotment | undefined)[])[],
  collateral: readonly Collateral[],
): AccountProblem | null {
  let magnitude = 0;
  for (const item of collateral) magnitude += collateralMagnitude(item);
  for (let k = 0; k < consumers.length; k++) {
    const { path } = consumers[k] as Context["consumers"][number];
    const portfolio = portfolios[k] as Portfolio;
    if (!covers(path.today, portfolio, false)) return "unpriced";
    magnitude += consumerMagnitude(path, portfolio, before[k] ?? []);
  }
  return magnitude < largestMagnitude ? null : "too-large";
}

/**
 * Not liquidatable where only a silent feed makes it seem so: `uncounted` is collateral whose price is stale. Nor insolvent
 * where only the charge for large positions does: what selling them costs is not owed yet.
 */
export function statusOf(summary: MarginSummary, concentration: bigint, uncounted: bigint): AccountStatus {
  const { base, worst, maintenanceMargin } = summary;
  if (base + uncounted >= maintenanceMargin) return worst < 0n ? accountStatus.reduceOnly : accountStatus.active;
  return base + concentration + uncounted < 0n ? accountStatus.insolvent : accountStatus.liquidatable;
}

/** What collateral would be worth that counts nothing because its price is stale, at that price: USD E8. */
export function uncountedValue(collateral: readonly Collateral[], sum: SplitVector, values: BigInt64Array): bigint {
  let value = 0n;
  for (const item of collateral) {
    if (!item.valuation?.stale) continue;
    writeValueAtLastPrice(item, item.gone, sum, values);
    value += values[0] ?? 0n;
  }
  return value;
}

/**
 * Whether the account holds anything at a price in doubt. Such a price is none to liquidate by, nor to let collateral go, so
 * the account is reduce-only and nothing worse. While the feed is merely late, its shocks are widened and the instrument
 * has a leaf, so the account's other positions can still be reduced; `unpriced` is one without a leaf.
 */
export function doubtOf({ instruments }: Context, portfolios: readonly Portfolio[]): "none" | "late" | "unpriced" {
  let late = false;
  if (instruments.uncertain.size === 0 && instruments.tradable.size === instruments.all.size) return "none";
  for (const { positions } of portfolios) {
    for (const id of positions.keys()) {
      if (!instruments.tradable.has(id)) return "unpriced";
      late ||= instruments.uncertain.has(id);
    }
  }
  return late ? "late" : "none";
}

/** Holds nothing and owes nothing, anywhere. */
export function isIdle(portfolios: readonly Portfolio[]): boolean {
  return portfolios.every(({ cash, positions }) => cash >= 0n && positions.size === 0);
}
