import { attributeMargin, type ChainPortfolio, compareIsolated, portfolioValues } from "../attribution/attribution.ts";
import { addExposure, concentrationCharge, type NetExposure, noExposure } from "../charges/concentration.ts";
import { amountToE8Down, countedAmountE8 } from "../collateral.ts";
import { mulDown } from "../fixed-point.ts";
import { type MarginSummary, marginSummary } from "../margin.ts";
import type { RiskAccount } from "./market.ts";
import type { PricedMarket } from "./priced-market.ts";

/** How an account stands. */
export type AccountStanding = "healthy" | "below-initial" | "liquidatable";

/** An account's margin with what it is made of, USD with 8 decimals. */
export interface AccountMargin extends MarginSummary {
  /** Worth in every scenario: collateral plus portfolios less concentration. */
  readonly values: readonly bigint[];
  /** By underlying, what large positions cost in every scenario. Those that cost nothing are left out. */
  readonly concentration: ReadonlyMap<string, bigint>;
  readonly standing: AccountStanding;
}

/**
 * Values a whole account as one portfolio: exact integers, to the last digit what the transition signs by.
 *
 * value[s] = sum of collateral (down) + sum over chains of the portfolio (down) - sum of concentration charges (up).
 * Healthy while the worst is at least 0; liquidatable once base is under maintenance margin.
 *
 * @throws {UnknownInMarket | UnpricedInstrumentKind | InvalidPricingInput}
 * @example accountMargin(priceMarket(market), { chains: [{ chain: "birch", cash: 0n, positions: [], collateral: [] }] })
 */
export function accountMargin(priced: PricedMarket, account: RiskAccount): AccountMargin {
  const concentration = concentrationOf(priced, account);
  const taken = [...concentration.values()].reduce((sum, charge) => sum + charge, 0n);
  const values = portfolioValues(chainPortfolios(priced, account), priced.scenarios).map((value) => value - taken);
  const summary = marginSummary(values, priced.maintenanceBps);
  return { ...summary, values, concentration, standing: standingOf(summary) };
}

function standingOf({ base, worst, maintenanceMargin }: MarginSummary): AccountStanding {
  if (base < maintenanceMargin) return "liquidatable";
  return worst < 0n ? "below-initial" : "healthy";
}

/** The account as attribution takes it. */
export function chainPortfolios(priced: PricedMarket, { chains }: RiskAccount): ChainPortfolio[] {
  return chains.map(({ chain, cash, positions, collateral }) => ({
    chain,
    cash,
    positions: positions.map(({ instrument, size }) => ({
      instrumentId: instrument,
      size,
      instrument: priced.instrument(instrument),
    })),
    collateral: collateral.map(({ asset, amount }) => {
      const { decimals, depthE8, prices } = priced.asset(asset);
      const amountE8 = amountToE8Down(amount, decimals);
      const counted = depthE8 === undefined ? amountE8 : countedAmountE8(amountE8, depthE8);
      return { asset, values: Array.from(prices, (price) => mulDown(counted, price)) };
    }),
  }));
}

function concentrationOf(priced: PricedMarket, { chains }: RiskAccount): Map<string, bigint> {
  const exposures = new Map<string, NetExposure>();
  for (const { instrument, size } of chains.flatMap(({ positions }) => positions)) {
    const { kind, underlying, notional } = priced.instrument(instrument);
    const before = exposures.get(underlying) ?? noExposure;
    exposures.set(underlying, addExposure(before, kind, size, notional));
  }
  const charges = new Map<string, bigint>();
  for (const [underlying, exposure] of exposures) {
    const { depthE8 } = priced.underlying(underlying);
    const charge = depthE8 === undefined ? 0n : concentrationCharge(exposure, depthE8);
    if (charge > 0n) charges.set(underlying, charge);
  }
  return charges;
}

/**
 * Where the account's initial margin comes from, see `attributeMargin`.
 * @throws {UnknownInMarket | UnpricedInstrumentKind | InvalidPricingInput}
 * @example explainMargin(priced, account).positions.map(({ name, margin }) => `${name} adds ${margin}`)
 */
export function explainMargin(priced: PricedMarket, account: RiskAccount) {
  return attributeMargin(chainPortfolios(priced, account), priced.maintenanceBps);
}

/**
 * What the same positions would need as isolated ones, see `compareIsolated`.
 * @throws {UnknownInMarket | UnpricedInstrumentKind | InvalidPricingInput}
 * @example isolatedMargin(priced, account).saving
 */
export function isolatedMargin(priced: PricedMarket, account: RiskAccount) {
  return compareIsolated(chainPortfolios(priced, account));
}
