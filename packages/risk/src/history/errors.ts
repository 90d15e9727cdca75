import { RiskError } from "../errors.ts";

/** There are too few prices to say anything. */
export class HistoryTooShort extends RiskError {
  constructor(needed: number, given: number) {
    super(
      "HISTORY_TOO_SHORT",
      `Needs ${needed} hours of prices, got ${given}.`,
      "Give a longer price history, or a shorter look-back.",
    );
  }
}

/** A price history that no return can be taken from. */
export class InvalidHistory extends RiskError {
  constructor(problem: string) {
    super(
      "INVALID_HISTORY",
      `Invalid price history: ${problem}.`,
      "Give one positive price for every underlying and hour, all of the same length.",
    );
  }
}
