import { type AccountMargin, accountMargin } from "../account/account-margin.ts";
import { applyChanges, type Change, type Situation } from "./change.ts";

/** An account before and after what was supposed, USD with 8 decimals. */
export interface WhatIf {
  readonly before: AccountMargin;
  readonly after: AccountMargin;
  /** After less before. */
  readonly difference: {
    readonly base: bigint;
    readonly worst: bigint;
    readonly initialMargin: bigint;
    readonly maintenanceMargin: bigint;
  };
}

/**
 * What hypothetical trades, transfers and market moves would do to an account's margin: the engine run twice.
 *
 * Nothing is approximated. Whether a chain would *permit* a trade is another question: its allotment says that, which
 * may be less than what the account as a whole could bear.
 *
 * @throws {UnknownInMarket | ImpossibleChange | UnpricedInstrumentKind | InvalidPricingInput}
 * @example
 * whatIf({ priced: priceMarket(market), account }, [
 *   { kind: "trade", chain: "birch", instrument: "BTC-PERP", size: -50_000_000n },
 *   { kind: "move", underlying: "BTC", priceBps: -1500 },
 * ]).after.standing
 */
export function whatIf(situation: Situation, changes: readonly Change[]): WhatIf {
  const before = accountMargin(situation.priced, situation.account);
  const { priced, account } = applyChanges(situation, changes);
  const after = accountMargin(priced, account);
  return {
    before,
    after,
    difference: {
      base: after.base - before.base,
      worst: after.worst - before.worst,
      initialMargin: after.initialMargin - before.initialMargin,
      maintenanceMargin: after.maintenanceMargin - before.maintenanceMargin,
    },
  };
}
