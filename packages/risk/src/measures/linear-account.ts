import { UnstressedUnderlying } from "../errors.ts";

/** A position or a collateral that moves in step with its underlying. */
export interface LinearExposure {
  readonly underlying: string;
  /** What it is worth today in USD, negative for a short: size times price, after haircut where it is collateral. */
  readonly valueUsd: number;
}

/** What an account is worth, less its maintenance margin where asked, after joint moves of all underlyings. */
export type Revaluation = (moves: readonly number[], hours: number) => number;

/**
 * Values an account of linear positions and collateral after moves: cash + sum(value * (1 + move)).
 *
 * Anything that follows the same type can take its place: an account with options is to be repriced in full there,
 * with as many hours less to expiry.
 *
 * @param underlyings In the order of the moves. What is in none of them (cash, stablecoins) goes into `cashUsd`.
 * @throws {UnstressedUnderlying} for an exposure to another.
 */
export function linearRevaluation(
  underlyings: readonly string[],
  cashUsd: number,
  exposures: readonly LinearExposure[],
): Revaluation {
  const deltas = underlyings.map(() => 0);
  let today = cashUsd;
  for (const { underlying, valueUsd } of exposures) {
    const index = underlyings.indexOf(underlying);
    if (index < 0) throw new UnstressedUnderlying(underlying);
    deltas[index] = (deltas[index] ?? 0) + valueUsd;
    today += valueUsd;
  }
  return (moves) => deltas.reduce((sum, delta, index) => sum + delta * (moves[index] ?? 0), today);
}
