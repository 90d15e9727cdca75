import type { Account } from "../node/accountSchema.ts";

export interface MarginOfReturnType {
  /** Collateral plus portfolios without shock. */
  readonly base: bigint;
  /** In the worst scenario. */
  readonly worst: bigint;
  readonly worstScenario: number;
  /** base - worst. */
  readonly initial: bigint;
  readonly maintenance: bigint;
  /** Above initial margin; below zero the account may only reduce. */
  readonly free: bigint;
  /** Above maintenance margin; below zero the account is liquidatable. */
  readonly cushion: bigint;
  /** Initial margin as a share of base in basis points, rounded up; null when base is not positive. */
  readonly usageBps: bigint | null;
}

/**
 * An account's margin, USD with 8 decimals.
 * @example
 * const { free } = marginOf(await getAccount(plimsoll, { account }));
 * formatUsd(free);
 */
export function marginOf(account: Account): MarginOfReturnType {
  const { base, worst, worstScenario, initialMargin: initial, maintenanceMargin: maintenance } = account;
  return {
    base,
    worst,
    worstScenario,
    initial,
    maintenance,
    free: base - initial,
    cushion: base - maintenance,
    usageBps: base > 0n ? (initial * 10_000n + base - 1n) / base : null,
  };
}
