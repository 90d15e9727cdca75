import { type AccountMargin, accountMargin } from "../account/account-margin.ts";
import { ImpossibleChange } from "../account/errors.ts";
import { applyTrade, type Situation } from "./change.ts";
import { largestSize, lastWhere, type TradeKind, worstAfter } from "./trade-search.ts";

/** The largest trade that leaves an account's worst scenario at 0 or above. */
export interface LargestTrade {
  /** Units, 8 decimals, with its sign. */
  readonly size: bigint;
  /** The account after it. */
  readonly after: AccountMargin;
  /** Nothing stopped it short of ten billion units: the trade costs the account nothing in any scenario. */
  readonly unlimited: boolean;
}

/**
 * The largest size of one trade that still fits, to the eighth decimal: one unit of it more would not.
 *
 * @param side 1 to buy, -1 to sell.
 * @throws {ImpossibleChange} where the account does not fit before the trade: `restoringTrade` finds one that helps.
 * @throws {UnknownInMarket}
 * @example largestTrade({ priced, account }, { chain: "birch", instrument: "BTC-PERP" }, -1).size
 */
export function largestTrade(situation: Situation, trade: TradeKind, side: 1 | -1): LargestTrade {
  const { priced, account } = situation;
  if (accountMargin(priced, account).worst < 0n) {
    throw new ImpossibleChange(
      "The account is below initial margin already.",
      "Search for the trade that restores it first.",
    );
  }
  const sign = BigInt(side);
  const fits = (magnitude: bigint) => worstAfter(situation, trade, sign * magnitude) >= 0n;
  let known = 0n;
  let step = 1n;
  while (step <= largestSize && fits(step)) {
    known = step;
    step *= 2n;
  }
  const unlimited = step > largestSize;
  const magnitude = unlimited ? known : lastWhere(fits, known, step - 1n);
  const size = sign * magnitude;
  return {
    size,
    after: accountMargin(priced, applyTrade(priced, account, { ...trade, kind: "trade", size })),
    unlimited,
  };
}
