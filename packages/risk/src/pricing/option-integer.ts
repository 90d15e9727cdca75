import { divDown, divUp, max, oneE8 } from "../fixed-point.ts";
import { lnRatioQ128 } from "../numerics/log.ts";
import { normalCdfQ128 } from "../numerics/normal-integer.ts";
import { fractionBits } from "../numerics/q128.ts";
import { integerSqrt } from "../numerics/sqrt.ts";
import { type GrowthFactor, growthFactor } from "./growth.ts";
import { requirePrice, requireRate, requireSeconds, requireVolatility, secondsPerYear } from "./limits.ts";

/** A European option, everything that its value depends on. Prices in USD, 8 decimals. */
export interface OptionInputsE8 {
  readonly kind: "call" | "put";
  /** The underlying's forward price at expiry. */
  readonly forwardE8: bigint;
  readonly strikeE8: bigint;
  /** A year's standard deviation of log returns, 8 decimals: 100_000_000n is 100 %. */
  readonly volatilityE8: bigint;
  /** Whole seconds; 0 is expiry itself. */
  readonly secondsToExpiry: number;
  /** Continuously compounded, a year, 8 decimals. */
  readonly discountRateE8: bigint;
}

/** An interval that holds the exact value, in 2^-128 of a unit of the eighth decimal. */
export interface Enclosure {
  readonly low: bigint;
  readonly high: bigint;
}

/** Whatever errors the functions of src/numerics make, they stay below this share of forward + strike: 2^-100. */
const errorShift = fractionBits - 100n;

/** volatility * sqrt(time), Q128, rounded down. */
export function deviationQ128(volatilityE8: bigint, secondsToExpiry: number): bigint {
  const variance = volatilityE8 * volatilityE8 * BigInt(secondsToExpiry);
  return integerSqrt((variance << (2n * fractionBits)) / (oneE8 * oneE8 * BigInt(secondsPerYear)));
}

/**
 * Undiscounted value of whichever of call and put is out of the money: with a <= b for forward and strike in either
 * order, x = ln(a / b) and s = volatility * sqrt(time), it is a N(x/s + s/2) - b N(x/s - s/2). The two are equal by
 * put-call parity, which so holds to the last bit.
 */
function timeValue(forwardE8: bigint, strikeE8: bigint, deviation: bigint): Enclosure {
  const [a, b] = forwardE8 < strikeE8 ? [forwardE8, strikeE8] : [strikeE8, forwardE8];
  const moneyness = (lnRatioQ128(a, b) << fractionBits) / deviation;
  const half = deviation >> 1n;
  const value = a * normalCdfQ128(moneyness + half) - b * normalCdfQ128(moneyness - half);
  const error = (a + b) << errorShift;
  return { low: max(0n, value - error), high: value + error < a << fractionBits ? value + error : a << fractionBits };
}

/** The option's value with its deviation and discount at hand. */
export function encloseOption(
  option: Pick<OptionInputsE8, "kind" | "forwardE8" | "strikeE8">,
  deviation: bigint,
  discount: GrowthFactor,
): Enclosure {
  const { kind, forwardE8, strikeE8 } = option;
  const intrinsic = max(0n, kind === "call" ? forwardE8 - strikeE8 : strikeE8 - forwardE8) << fractionBits;
  if (deviation === 0n) return { low: intrinsic, high: intrinsic };
  const time = timeValue(forwardE8, strikeE8, deviation);
  return {
    low: ((intrinsic + time.low) * discount.low) >> fractionBits,
    high: (((intrinsic + time.high) * discount.high) >> fractionBits) + 1n,
  };
}

function encloseInputs(option: OptionInputsE8): Enclosure {
  requirePrice("forward", option.forwardE8);
  requirePrice("strike", option.strikeE8);
  requireVolatility(option.volatilityE8);
  requireSeconds(option.secondsToExpiry);
  requireRate("discount rate", option.discountRateE8);
  return encloseOption(
    option,
    deviationQ128(option.volatilityE8, option.secondsToExpiry),
    growthFactor(-option.discountRateE8, option.secondsToExpiry),
  );
}

/**
 * A European option's value, USD with 8 decimals, rounded down: never above the exact value of Black's formula.
 *
 * F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), 167-179:
 * e^(-rT) (F N(d1) - K N(d2)). At expiry it is the intrinsic value. Integers only; the same on every machine.
 *
 * @throws {InvalidPricingInput} outside `pricingLimits`.
 * @example
 * optionPriceDown({ kind: "call", forwardE8: 100_00000000n, strikeE8: 100_00000000n, volatilityE8: 20_000_000n,
 *   secondsToExpiry: 31_536_000, discountRateE8: 0n }) // 7_96556745n
 */
export function optionPriceDown(option: OptionInputsE8): bigint {
  return encloseInputs(option).low >> fractionBits;
}

/**
 * The same value rounded up: never below the exact one.
 * @throws {InvalidPricingInput} outside `pricingLimits`.
 */
export function optionPriceUp(option: OptionInputsE8): bigint {
  return divUp(encloseInputs(option).high, 1n << fractionBits);
}

/** The lower end for `multiplierE8` underlyings, USD with 8 decimals, rounded down once. */
export function optionUnitDown(enclosure: Enclosure, multiplierE8: bigint): bigint {
  return divDown((enclosure.low * multiplierE8) >> fractionBits, oneE8);
}
