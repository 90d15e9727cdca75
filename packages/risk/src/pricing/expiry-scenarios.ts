import { ScenarioCountMismatch } from "../errors.ts";
import { divDown, max, min, oneBps } from "../fixed-point.ts";
import { lnRatioQ128 } from "../numerics/log.ts";
import { fractionBits, q128ToNumber } from "../numerics/q128.ts";
import { integerSqrt } from "../numerics/sqrt.ts";
import { scaleVolatilityShocks, type VolatilityTerm } from "../shocks/volatility-term.ts";
import { type GrowthFactor, growthFactor } from "./growth.ts";
import { pricingLimits, requirePrice, requireRate, requireSeconds, secondsPerYear } from "./limits.ts";

/** What all instruments of one underlying and expiry are priced from. */
export interface ExpiryInputs {
  /** The underlying's price, USD with 8 decimals. */
  readonly indexE8: bigint;
  /** The forward's basis over the index: continuously compounded, a year, 8 decimals. */
  readonly basisRateE8: bigint;
  /** Continuously compounded, a year, 8 decimals. */
  readonly discountRateE8: bigint;
  /** Whole seconds; 0 is expiry itself. */
  readonly secondsToExpiry: number;
  /** Relative moves of the index, row 0 (none) first. */
  readonly priceShocksBps: readonly number[];
  /** Relative moves of volatility at the term's reference expiry, as many. */
  readonly volatilityShocksBps: readonly number[];
  /** How they are scaled to this expiry: `standardVolatilityTerm`. */
  readonly volatilityTerm: VolatilityTerm;
}

/** Inputs made ready once for every instrument of the expiry. */
export interface ExpiryScenarios {
  readonly inputs: ExpiryInputs;
  /** The forward in every scenario, USD with 8 decimals, rounded down, at least 1. */
  readonly forwardsE8: readonly bigint[];
  /** Relative moves of volatility at this expiry. */
  readonly volatilityShocksBps: readonly number[];
  readonly discount: GrowthFactor;
  /** The same in doubles, for the screen in front of the integer pricer. */
  readonly doubles: {
    /** Like `forwardsE8`. */
    readonly forwards: Float64Array;
    /** ln(forward) of the number with 8 decimals. */
    readonly logForwards: Float64Array;
    readonly discount: number;
    /** sqrt(years to expiry). */
    readonly rootTime: number;
  };
}

/**
 * Prepares an underlying's scenarios for one expiry: forward = index * (1 + shock) * e^(basis * time), rounded down once;
 * volatility moves scaled by time to expiry, short-dated ones more.
 * @throws {InvalidPricingInput} outside `pricingLimits`.
 * @throws {ScenarioCountMismatch} unless there are as many volatility shocks as price shocks.
 * @throws {InvalidVolatilityTerm}
 */
export function expiryScenarios(inputs: ExpiryInputs): ExpiryScenarios {
  const { indexE8, basisRateE8, discountRateE8, secondsToExpiry, priceShocksBps, volatilityShocksBps } = inputs;
  requirePrice("index", indexE8);
  requireRate("basis rate", basisRateE8);
  requireRate("discount rate", discountRateE8);
  requireSeconds(secondsToExpiry);
  if (volatilityShocksBps.length !== priceShocksBps.length) {
    throw new ScenarioCountMismatch(priceShocksBps.length, volatilityShocksBps.length);
  }
  const basis = growthFactor(basisRateE8, secondsToExpiry).low;
  const forwardsE8 = priceShocksBps.map((shock) => {
    const forwardE8 = divDown(indexE8 * (oneBps + BigInt(shock)) * basis, oneBps << fractionBits);
    requirePrice("shocked forward", max(1n, forwardE8));
    return max(1n, forwardE8);
  });
  const discount = growthFactor(-discountRateE8, secondsToExpiry);
  const rootTime = integerSqrt((BigInt(secondsToExpiry) << (2n * fractionBits)) / BigInt(secondsPerYear));
  return {
    inputs,
    forwardsE8,
    volatilityShocksBps: scaleVolatilityShocks(volatilityShocksBps, secondsToExpiry, inputs.volatilityTerm),
    discount,
    doubles: {
      forwards: Float64Array.from(forwardsE8, Number),
      logForwards: Float64Array.from(forwardsE8, (forwardE8) => q128ToNumber(lnRatioQ128(forwardE8, 1n))),
      discount: q128ToNumber(discount.low),
      rootTime: q128ToNumber(rootTime),
    },
  };
}

/** An option's volatility after a scenario's relative move: rounded down, held inside `pricingLimits`. */
export function shockedVolatility(volatilityE8: bigint, shockBps: number): bigint {
  const moved = divDown(volatilityE8 * (oneBps + BigInt(shockBps)), oneBps);
  return min(pricingLimits.mostVolatilityE8, max(pricingLimits.leastVolatilityE8, moved));
}
