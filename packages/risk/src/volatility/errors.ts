import { RiskError } from "../errors.ts";

/** A volatility surface that cannot be registered: malformed, or its prices could be traded against each other for nothing. */
export class InvalidVolatilitySurface extends RiskError {
  constructor(problem: string) {
    super(
      "INVALID_VOLATILITY_SURFACE",
      `Invalid volatility surface: ${problem}.`,
      "Give 1 to 64 expiries in rising order; lower the curvature or skew against butterflies, raise later levels against calendar spreads.",
    );
  }
}

/** The surface says nothing about this time. */
export class OutsideVolatilitySurface extends RiskError {
  constructor(problem: string) {
    super(
      "OUTSIDE_VOLATILITY_SURFACE",
      `No volatility: ${problem}.`,
      "Register a surface whose last expiry is not before the option's.",
    );
  }
}
