import { RiskError } from "../errors.ts";

/** A name that the market does not have. */
export class UnknownInMarket extends RiskError {
  constructor(what: "underlying" | "asset" | "instrument", name: string) {
    super(
      "UNKNOWN_IN_MARKET",
      `The market has no ${what} "${name}".`,
      `Name one of the market's ${what}s, or add it there with all that it needs.`,
    );
  }
}

/** A hypothesis that cannot come true. */
export class ImpossibleChange extends RiskError {
  constructor(problem: string, hint: string) {
    super("IMPOSSIBLE_CHANGE", problem, hint);
  }
}
