/** Everything this package throws. Switch on `code`; `hint` says what to do next. */
export class RiskError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

/** A scenario set that cannot be used as it is. */
export class InvalidScenarioSet extends RiskError {
  constructor(problem: string) {
    super(
      "INVALID_SCENARIO_SET",
      `Invalid scenario set: ${problem}.`,
      "Register a set of 1 to 40 rows by its underlyings whose row 0 has no shock and whose price shocks stay above -100 %.",
    );
  }
}

/** No column of the scenario set stresses the underlying. */
export class UnstressedUnderlying extends RiskError {
  constructor(underlying: string) {
    super(
      "UNSTRESSED_UNDERLYING",
      `The scenario set has no column for ${underlying}.`,
      "Register a scenario set that names every underlying before instruments or assets use it.",
    );
  }
}

/** An instrument of this kind cannot be priced from what was given: dated kinds need more than an index. */
export class UnpricedInstrumentKind extends RiskError {
  constructor(kind: string) {
    super(
      "UNPRICED_INSTRUMENT_KIND",
      `No price for an instrument of kind "${kind}" from what is known of it.`,
      "Give futures the scenarios of their expiry, options a strike and a volatility besides; `isPricedKind` tells what needs neither.",
    );
  }
}

/** Two vectors over scenarios differ in length, or one is empty. */
export class ScenarioCountMismatch extends RiskError {
  constructor(expected: number, given: number) {
    super(
      "SCENARIO_COUNT_MISMATCH",
      `Expected ${expected} scenarios, got ${given}.`,
      "Take all vectors from one epoch: they follow its scenario set.",
    );
  }
}
