import { type FilteredHistory, simulateMoves, type Window } from "../history/filtered-history.ts";
import { meanBeyond, quantile, sortLosses } from "../statistics/tail.ts";
import type { Revaluation } from "./linear-account.ts";

/** What an account may lose over a horizon, in USD. */
export interface RiskOfLoss {
  readonly horizonHours: number;
  /** Not exceeded in 99 % of the simulated moves. */
  readonly valueAtRisk99: number;
  /** The mean of the worst 2.5 %. */
  readonly expectedShortfall975: number;
  /** Simulated moves: the fewer, the coarser. */
  readonly simulations: number;
}

/**
 * Value at risk and expected shortfall by filtered historical simulation, revaluing the account in every simulation.
 *
 * @throws {HistoryTooShort}
 * @example
 * const revalue = linearRevaluation(["BTC", "ETH"], 10_000, [{ underlying: "BTC", valueUsd: 50_000 }]);
 * valueAtRisk(history, revalue, { now, horizonHours: 8, lookbackHours: 4380, stepHours: 1 });
 */
export function valueAtRisk(history: FilteredHistory, revalue: Revaluation, window: Window): RiskOfLoss {
  const moves = simulateMoves(history, window);
  const simulations = moves[0]?.length ?? 0;
  const joint = moves.map(() => 0);
  const today = revalue(joint, 0);
  const losses = new Float64Array(simulations);
  for (let k = 0; k < simulations; k++) {
    for (let u = 0; u < moves.length; u++) joint[u] = moves[u]?.[k] as number;
    losses[k] = today - revalue(joint, window.horizonHours);
  }
  const sorted = sortLosses(losses);
  return {
    horizonHours: window.horizonHours,
    valueAtRisk99: quantile(sorted, 0.99),
    expectedShortfall975: meanBeyond(sorted, 0.975),
    simulations,
  };
}
