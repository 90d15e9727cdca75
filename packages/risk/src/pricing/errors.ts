import { RiskError } from "../errors.ts";

/** What an instrument would be priced from is no number, or outside the range in which the pricers keep their bounds. */
export class InvalidPricingInput extends RiskError {
  constructor(problem: string, options?: ErrorOptions) {
    super(
      "INVALID_PRICING_INPUT",
      `Cannot price: ${problem}.`,
      "Check forward, strike, volatility, time to expiry and rates against `pricingLimits`.",
      options,
    );
  }
}

/** A price does not fit the 64-bit entries of a risk array. */
export class PriceOutOfRange extends RiskError {
  constructor() {
    super(
      "PRICE_OUT_OF_RANGE",
      "A price does not fit 64 bits with 8 decimals.",
      "Use a smaller multiplier: a unit may be worth at most 92 billion USD.",
    );
  }
}
