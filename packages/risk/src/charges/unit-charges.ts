import { abs, divUp, max, min, oneBps } from "../fixed-point.ts";
import { secondsPerYear } from "../pricing/limits.ts";
import { requireEntry } from "../pricing/option-array.ts";

/** Charges a unit that no scenario shows. All of it registered, as shares of a unit's notional. */
export interface ChargePolicy {
  /** Spread and slippage of getting out, for every kind. */
  readonly spreadBps: number;
  /** Dated kinds: how far the basis may move against the index, per year to expiry, at most `mostBasisBps`. */
  readonly basisBpsAYear: number;
  readonly mostBasisBps: number;
  /** Short options: the least that a unit's worst scenario is taken to lose. */
  readonly shortMinimumBps: number;
}

/** A unit with its array, before charges. Prices and notional USD with 8 decimals. */
export interface UnchargedUnit {
  readonly kind: "perpetual" | "future" | "call" | "put";
  readonly notionalE8: bigint;
  /** 0 for perpetuals. */
  readonly secondsToExpiry: number;
  readonly prices: BigInt64Array;
}

/** What one unit long and one unit short are charged, USD with 8 decimals. */
export interface UnitCharges {
  readonly long: bigint;
  readonly short: bigint;
}

/**
 * What a unit is charged on either side.
 *
 * Contingency, both sides: notional * (spread + min(basis a year * years, most)), rounded up. A long option is charged no
 * more than its lowest price, so that what can only be worth something never counts as a debt.
 *
 * Short option minimum, as in CME's SPAN and OCC's and Deribit's contingency per short option: far out of the money no
 * row shows a loss, so a short is charged what its worst row falls short of the minimum,
 * max(0, notional * minimum - (largest price - price now)).
 *
 * @example
 * unitCharges({ kind: "perpetual", notionalE8: 100_00000000n, secondsToExpiry: 0, prices: BigInt64Array.of(100_00000000n) },
 *   { spreadBps: 5, basisBpsAYear: 200, mostBasisBps: 100, shortMinimumBps: 100 }) // { long: 5000000n, short: 5000000n }
 */
export function unitCharges(unit: UnchargedUnit, policy: ChargePolicy): UnitCharges {
  const { kind, notionalE8, secondsToExpiry, prices } = unit;
  const years = divUp(BigInt(policy.basisBpsAYear) * BigInt(secondsToExpiry), BigInt(secondsPerYear));
  const basisBps = kind === "perpetual" ? 0n : min(BigInt(policy.mostBasisBps), years);
  const contingency = divUp(notionalE8 * (BigInt(policy.spreadBps) + basisBps), oneBps);
  if (kind === "perpetual" || kind === "future") return { long: contingency, short: contingency };
  const now = prices[0] ?? 0n;
  let lowest = now;
  let highest = now;
  for (const price of prices) {
    lowest = min(lowest, price);
    highest = max(highest, price);
  }
  const minimum = divUp(notionalE8 * BigInt(policy.shortMinimumBps), oneBps);
  return { long: min(contingency, max(0n, lowest)), short: contingency + max(0n, minimum - (highest - now)) };
}

/** A risk array and the charge a unit of either side, as an instrument leaf carries them. */
export interface ChargedUnit {
  readonly prices: BigInt64Array;
  readonly charge: bigint;
}

/**
 * Puts charges that differ by side into the one form that is attested, value = size * price - |size| * charge.
 *
 * With prices raised by (short - long) / 2 in every row and a charge of (short + long) / 2, a unit long is worth price -
 * long and a unit short costs price + short, to the last digit; where the sum is odd, short is raised by one. A
 * position's loss stays convex and homogeneous in its size (long + short >= 0), so losses are subadditive over any split.
 *
 * @throws {PriceOutOfRange} where a raised price leaves 64 bits.
 * @example
 * chargeUnit(BigInt64Array.of(10n, 4n), { long: 0n, short: 6n }) // { prices: BigInt64Array.of(13n, 7n), charge: 3n }
 */
export function chargeUnit(prices: BigInt64Array, { long, short }: UnitCharges): ChargedUnit {
  const even = short + (abs(long + short) % 2n);
  const shift = (even - long) / 2n;
  return {
    prices: shift === 0n ? prices : prices.map((price) => requireEntry(price + shift)),
    charge: (even + long) / 2n,
  };
}
