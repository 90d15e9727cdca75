import { UnpricedInstrumentKind } from "./errors.ts";
import { perpetualPrices } from "./perpetual.ts";
import type { ExpiryScenarios } from "./pricing/expiry-scenarios.ts";
import { unitPriceDown } from "./pricing/future.ts";
import { optionPrices, requireEntry } from "./pricing/option-array.ts";

/** What a risk array is made of. */
export interface PricedInstrument {
  readonly kind: "perpetual" | "future" | "call" | "put";
  /** Underlyings a unit, 8 decimals. */
  readonly multiplierE8: bigint;
  /** USD an underlying, 8 decimals. Options need it. */
  readonly strikeE8?: bigint;
}

/** What instruments with an expiry are priced from besides their index. */
export interface DatedMarket {
  /** The index, moved by the same price shocks, at the expiry: from `expiryScenarios`. */
  readonly expiry: ExpiryScenarios;
  /** The option's own volatility, 8 decimals: from `impliedVolatilityE8`. Options need it. */
  readonly volatilityE8?: bigint;
}

/** The price of one unit in every scenario: USD with 8 decimals, row 0 first. */
export type RiskArray = BigInt64Array;

/** Whether `riskArray` has a model for the kind that needs nothing but the index. */
export function isPricedKind(kind: PricedInstrument["kind"]): boolean {
  return kind === "perpetual";
}

/**
 * Prices an instrument once in every scenario, so that a portfolio's loss is a dot product (the idea of CME's SPAN).
 *
 * @param indexE8 The underlying's price, USD with 8 decimals. Dated instruments take it from `dated.expiry`.
 * @param priceShocksBps The underlying's shocks, row 0 (none) first. Dated instruments take them from `dated.expiry`.
 * @param dated What futures and options need; perpetuals do without.
 * @throws {UnpricedInstrumentKind} for a dated kind without its expiry's scenarios, strike or volatility.
 * @throws {InvalidPricingInput} for dated kinds outside `pricingLimits`.
 * @throws {PriceOutOfRange} where a dated unit is worth more than 92 billion USD.
 * @example riskArray({ kind: "perpetual", multiplierE8: 100_000_000n }, 4_000_00000000n, [0, -1000])
 */
export function riskArray(
  instrument: PricedInstrument,
  indexE8: bigint,
  priceShocksBps: readonly number[],
  dated?: DatedMarket,
): RiskArray {
  const { kind, multiplierE8, strikeE8 } = instrument;
  if (kind === "perpetual") return perpetualPrices(indexE8, multiplierE8, priceShocksBps);
  if (dated === undefined) throw new UnpricedInstrumentKind(kind);
  const { expiry, volatilityE8 } = dated;
  if (kind === "future") {
    return BigInt64Array.from(expiry.forwardsE8, (forwardE8) => requireEntry(unitPriceDown(forwardE8, multiplierE8)));
  }
  if (strikeE8 === undefined || volatilityE8 === undefined) throw new UnpricedInstrumentKind(kind);
  return optionPrices({ kind, strikeE8, multiplierE8 }, volatilityE8, expiry);
}
