import { RiskError } from "../errors.ts";

/** A number is too large for the fast path to be exact. */
export class OutsideFastRange extends RiskError {
  constructor(what: string) {
    super(
      "OUTSIDE_FAST_RANGE",
      `The fast path cannot hold ${what}.`,
      "Value this account with `portfolioValuesE16` and `marginSummary`: they have no limits and give the same figures.",
    );
  }
}
