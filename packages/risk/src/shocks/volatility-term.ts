import { RiskError } from "../errors.ts";
import { abs, oneBps } from "../fixed-point.ts";
import { expQ128 } from "../numerics/exp.ts";
import { lnRatioQ128 } from "../numerics/log.ts";
import { fractionBits } from "../numerics/q128.ts";

/** How much a volatility move of the scenario set means for an option of another expiry than the reference. */
export interface VolatilityTerm {
  /** The time to expiry for which the set's volatility moves are meant. */
  readonly referenceSeconds: number;
  /** Power of (reference / time) for shorter expiries, of 10000. */
  readonly shortPowerBps: number;
  /** The same for longer ones. */
  readonly longPowerBps: number;
  /** Least and largest factor. The largest is what expiries within hours get. */
  readonly floorBps: number;
  readonly capBps: number;
}

/**
 * Thirty days; powers 0.3 and 0.13, as Deribit's portfolio margin has them and other crypto venues took over ("Portfolio
 * Margin", support.deribit.com: volatility range * (30 / days to expiry)^0.3). Never below half, never above three times,
 * which an expiry within 18 hours reaches.
 */
export const standardVolatilityTerm: VolatilityTerm = {
  referenceSeconds: 2_592_000,
  shortPowerBps: 3_000,
  longPowerBps: 1_300,
  floorBps: 5_000,
  capBps: 30_000,
};

/** A volatility term that no factor can be taken from. */
export class InvalidVolatilityTerm extends RiskError {
  constructor(problem: string) {
    super(
      "INVALID_VOLATILITY_TERM",
      `Invalid volatility term: ${problem}.`,
      "Give a reference of 1 s to ten years, powers from 0 to 10000 and 0 < floor <= 10000 <= cap <= 1000000, all whole numbers.",
    );
  }
}

/** @throws {InvalidVolatilityTerm} */
export function validateVolatilityTerm(term: VolatilityTerm): void {
  const { referenceSeconds, shortPowerBps, longPowerBps, floorBps, capBps } = term;
  const numbers = [referenceSeconds, shortPowerBps, longPowerBps, floorBps, capBps];
  if (!numbers.every(Number.isSafeInteger)) throw new InvalidVolatilityTerm("a number is not whole");
  if (referenceSeconds < 1 || referenceSeconds > 315_360_000) throw new InvalidVolatilityTerm("the reference");
  for (const power of [shortPowerBps, longPowerBps]) {
    if (power < 0 || power > 10_000) throw new InvalidVolatilityTerm("a power is outside 0 to 10000");
  }
  if (floorBps < 1 || floorBps > 10_000) throw new InvalidVolatilityTerm("the floor is outside 1 to 10000");
  if (capBps < 10_000 || capBps > 1_000_000) throw new InvalidVolatilityTerm("the cap is outside 10000 to 1000000");
}

/**
 * The factor on volatility moves for a time to expiry, in basis points, rounded up: (reference / time)^power, held
 * between floor and cap. Integers only (logarithm and exponential in Q128); 10000 at the reference itself.
 *
 * @param secondsToExpiry Whole, 0 or more; below a second the cap holds.
 * @throws {InvalidVolatilityTerm}
 * @example volatilityTermBps(86_400, standardVolatilityTerm) // 27742n: 30^0.3 = 2.7741...
 */
export function volatilityTermBps(secondsToExpiry: number, term: VolatilityTerm): bigint {
  validateVolatilityTerm(term);
  const { referenceSeconds, floorBps, capBps } = term;
  if (secondsToExpiry < 1) return BigInt(capBps);
  const power = secondsToExpiry < referenceSeconds ? term.shortPowerBps : term.longPowerBps;
  const log = lnRatioQ128(BigInt(referenceSeconds), BigInt(secondsToExpiry));
  const factor = expQ128((log * BigInt(power)) / oneBps) * oneBps;
  const bps = (factor + (1n << fractionBits) - 1n) >> fractionBits;
  return bps < BigInt(floorBps) ? BigInt(floorBps) : bps > BigInt(capBps) ? BigInt(capBps) : bps;
}

/**
 * Volatility moves of a scenario set as they are meant for one expiry: each times `volatilityTermBps`, away from zero,
 * above -100 %.
 *
 * @throws {InvalidVolatilityTerm}
 * @example scaleVolatilityShocks([0, 2500, -2500], 86_400, standardVolatilityTerm) // [0, 6936, -6936]
 */
export function scaleVolatilityShocks(
  shocksBps: readonly number[],
  secondsToExpiry: number,
  term: VolatilityTerm,
): number[] {
  const factor = volatilityTermBps(secondsToExpiry, term);
  return shocksBps.map((shock) => scaleAwayFromZero(shock, factor));
}

/** A relative move times a factor in basis points, away from zero, above -100 %. */
export function scaleAwayFromZero(shockBps: number, factorBps: bigint): number {
  const scaled = Number((abs(BigInt(shockBps)) * factorBps + oneBps - 1n) / oneBps);
  return shockBps < 0 ? -Math.min(9_999, scaled) : scaled;
}
