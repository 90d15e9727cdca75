import { oneE8 } from "../fixed-point.ts";
import { lnRatioQ128 } from "../numerics/log.ts";
import { q128ToNumber } from "../numerics/q128.ts";
import { PriceOutOfRange } from "./errors.ts";
import { type ExpiryScenarios, shockedVolatility } from "./expiry-scenarios.ts";
import { requirePrice, requireVolatility } from "./limits.ts";
import { deviationQ128, encloseOption, optionUnitDown } from "./option-integer.ts";
import { type Screen, screenTimeValue } from "./option-screen.ts";

/** An option's terms. */
export interface OptionTermsE8 {
  readonly kind: "call" | "put";
  /** USD an underlying, 8 decimals. */
  readonly strikeE8: bigint;
  /** Underlyings a unit, 8 decimals. */
  readonly multiplierE8: bigint;
}

const mostEntry = 2n ** 63n - 1n;

/** A price as a risk array's entry. @throws {PriceOutOfRange} */
export function requireEntry(priceE8: bigint): bigint {
  if (priceE8 > mostEntry) throw new PriceOutOfRange();
  return priceE8;
}

/** One scenario by integers alone. */
function entryExactly(
  option: OptionTermsE8,
  forwardE8: bigint,
  volatilityE8: bigint,
  { inputs, discount }: ExpiryScenarios,
): bigint {
  const { kind, strikeE8, multiplierE8 } = option;
  const deviation = deviationQ128(volatilityE8, inputs.secondsToExpiry);
  return requireEntry(optionUnitDown(encloseOption({ kind, strikeE8, forwardE8 }, deviation, discount), multiplierE8));
}

/**
 * One unit of an option in every scenario by the integer pricer, USD with 8 decimals, rounded down once.
 *
 * Scenarios move the index and, relatively, the option's own volatility, which stays with the strike (as in CME's SPAN:
 * the surface is read once, at the unshocked forward).
 *
 * @throws {InvalidPricingInput} outside `pricingLimits`.
 * @throws {PriceOutOfRange} where a unit is worth more than 92 billion USD.
 */
export function optionPricesExactly(
  option: OptionTermsE8,
  volatilityE8: bigint,
  scenarios: ExpiryScenarios,
): BigInt64Array {
  requireOption(option, volatilityE8);
  return BigInt64Array.from(scenarios.forwardsE8, (forwardE8, s) => {
    const shock = scenarios.volatilityShocksBps[s] ?? 0;
    return entryExactly(option, forwardE8, shockedVolatility(volatilityE8, shock), scenarios);
  });
}

function requireOption({ strikeE8 }: OptionTermsE8, volatilityE8: bigint): void {
  requirePrice("strike", strikeE8);
  requireVolatility(volatilityE8);
}

/** Largest integer up to which doubles hold every integer. */
const mostExact = 2n ** 53n;

/**
 * The same numbers, bit for bit, an order of magnitude sooner.
 *
 * Doubles with a proven error bound come first; the integer pricer decides where the bound holds a boundary between two
 * eighth decimals (the rounding test of A. Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded
 * last bit", ACM TOMS 17 (1991), 410-423). Where no rate discounts, the intrinsic value is added as an integer.
 *
 * @throws {InvalidPricingInput} outside `pricingLimits`.
 * @throws {PriceOutOfRange} where a unit is worth more than 92 billion USD.
 */
export function optionPrices(option: OptionTermsE8, volatilityE8: bigint, scenarios: ExpiryScenarios): BigInt64Array {
  const { kind, strikeE8, multiplierE8 } = option;
  const { forwards, logForwards, discount, rootTime } = scenarios.doubles;
  if (strikeE8 > mostExact || multiplierE8 > mostExact || rootTime === 0) {
    return optionPricesExactly(option, volatilityE8, scenarios);
  }
  requireOption(option, volatilityE8);
  const strike = Number(strikeE8);
  const logStrike = q128ToNumber(lnRatioQ128(strikeE8, 1n));
  const units = Number(multiplierE8) / 1e8;
  const wholeUnits = multiplierE8 === oneE8;
  const undiscounted = discount === 1;
  const prices = new BigInt64Array(forwards.length);
  const volatilities = new Map<number, number>();
  const screen: Screen = { value: 0, error: 0 };
  for (let s = 0; s < prices.length; s++) {
    const forward = forwards[s] as number;
    const shock = scenarios.volatilityShocksBps[s] as number;
    let deviation = volatilities.get(shock);
    if (deviation === undefined) {
      deviation = (Number(shockedVolatility(volatilityE8, shock)) / 1e8) * rootTime;
      volatilities.set(shock, deviation);
    }
    const logRatio = (logForwards[s] as number) - logStrike;
    if (forward < strike) screenTimeValue(forward, strike, logRatio, deviation, screen);
    else screenTimeValue(strike, forward, -logRatio, deviation, screen);
    const intrinsic = Math.max(0, kind === "call" ? forward - strike : strike - forward);
    let base = 0;
    let value = screen.value * units;
    if (wholeUnits && undiscounted) base = intrinsic;
    else value = (intrinsic + screen.value) * discount * units;
    const error = screen.error * units * discount + 2 ** -49 * value;
    const low = Math.floor(Math.max(0, value - error));
    const certain = low === Math.floor(value + error) && base + low < 2 ** 53 && forward < 2 ** 53;
    prices[s] = certain
      ? BigInt(base + low)
      : entryExactly(option, scenarios.forwardsE8[s] as bigint, shockedVolatility(volatilityE8, shock), scenarios);
  }
  return prices;
}
