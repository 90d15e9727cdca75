import { ScenarioCountMismatch } from "./errors.ts";
import { divUp, oneBps } from "./fixed-point.ts";

/** An account's margin, USD with 8 decimals. */
export interface MarginSummary {
  /** Value without shock. */
  readonly base: bigint;
  /** Least value over the scenarios. */
  readonly worst: bigint;
  /** The row in which it is least; the first one where several are. */
  readonly worstScenario: number;
  /** base - worst: what the stresses would take. */
  readonly initialMargin: bigint;
  /** A registered share of initial margin, rounded up. */
  readonly maintenanceMargin: bigint;
}

/**
 * Sums up an account's values (collateral plus portfolios, row 0 first).
 * @throws {ScenarioCountMismatch} when there are none.
 * @example marginSummary([100n, 40n], 5000) // { base: 100n, worst: 40n, worstScenario: 1, initialMargin: 60n, maintenanceMargin: 30n }
 */
export function marginSummary(values: ArrayLike<bigint>, maintenanceBps: number): MarginSummary {
  const base = values[0];
  if (base === undefined) throw new ScenarioCountMismatch(1, 0);
  let worst = base;
  let worstScenario = 0;
  for (let s = 1; s < values.length; s++) {
    const value = values[s] ?? base;
    if (value < worst) {
      worst = value;
      worstScenario = s;
    }
  }
  const initialMargin = base - worst;
  const maintenanceMargin = divUp(initialMargin * BigInt(maintenanceBps), oneBps);
  return { base, worst, worstScenario, initialMargin, maintenanceMargin };
}
