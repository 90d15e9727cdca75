import { ScenarioCountMismatch } from "../errors.ts";
import { divDown, divUp, oneE8 } from "../fixed-point.ts";
import { type MarginSummary, marginSummary } from "../margin.ts";
import type { InstrumentValuation } from "../portfolio.ts";

/** A position with a name. */
export interface NamedPosition {
  readonly instrumentId: string;
  readonly size: bigint;
  readonly instrument: InstrumentValuation;
}

/** What an account has on one chain. */
export interface ChainPortfolio {
  readonly chain: string;
  /** USD with 8 decimals. */
  readonly cash: bigint;
  readonly positions: readonly NamedPosition[];
  /** Per asset, what it counts for in every scenario: `collateralValues`. */
  readonly collateral: readonly { readonly asset: string; readonly values: readonly bigint[] }[];
}

/** What one part adds to initial margin, USD with 8 decimals; negative where it hedges the others. */
export interface MarginPart {
  readonly chain: string;
  readonly name: string;
  readonly margin: bigint;
}

/** Where an account's initial margin comes from. */
export interface MarginAttribution {
  readonly summary: MarginSummary;
  readonly positions: readonly MarginPart[];
  readonly collateral: readonly MarginPart[];
  readonly chains: readonly { readonly chain: string; readonly margin: bigint }[];
  /** Per scenario, what margin would be if it were the only stress. The largest binds. */
  readonly scenarios: readonly bigint[];
  /** By how much margin would fall if the binding row were struck off. */
  readonly bindingExcess: bigint;
}

/**
 * Splits initial margin, base - worst, into what every position, collateral and chain adds to it.
 *
 * Margin is homogeneous of degree one in the positions, so by Euler's theorem the marginal contributions at the
 * binding scenario, value(base) - value(worst) of each part, add up to it (Tasche, "Capital allocation to business
 * units and sub-portfolios: the Euler principle", 2008). They are exact: a chain's portfolio is rounded once, as in
 * `portfolioLosses`, and each position gets the step by which it moves that rounded sum, in the order given.
 *
 * @throws {ScenarioCountMismatch}
 */
export function attributeMargin(portfolios: readonly ChainPortfolio[], maintenanceBps: number): MarginAttribution {
  const values = portfolioValues(portfolios, countScenarios(portfolios));
  const summary = marginSummary(values, maintenanceBps);
  const s = summary.worstScenario;
  const positions: MarginPart[] = [];
  const collateral: MarginPart[] = [];
  const chains = portfolios.map((portfolio) => {
    let base = portfolio.cash * oneE8;
    let worst = base;
    let before = 0n;
    for (const { instrumentId, size, instrument } of portfolio.positions) {
      base += positionValueE16(size, instrument, 0);
      worst += positionValueE16(size, instrument, s);
      const after = divDown(base, oneE8) - divDown(worst, oneE8);
      positions.push({ chain: portfolio.chain, name: instrumentId, margin: after - before });
      before = after;
    }
    const parts = portfolio.collateral.map(({ asset, values }) => ({
      chain: portfolio.chain,
      name: asset,
      margin: (values[0] ?? 0n) - (values[s] ?? 0n),
    }));
    collateral.push(...parts);
    return { chain: portfolio.chain, margin: parts.reduce((sum, { margin }) => sum + margin, before) };
  });
  const scenarios = values.map((value) => summary.base - value);
  const others = scenarios.reduce((most, margin, row) => (row !== s && margin > most ? margin : most), 0n);
  return { summary, positions, collateral, chains, scenarios, bindingExcess: summary.initialMargin - others };
}

/** The same positions and collateral, margined together and each by itself. USD with 8 decimals. */
export interface IsolatedComparison {
  readonly cross: bigint;
  readonly isolated: bigint;
  /** isolated - cross. Short of negative by rounding alone: a sum's worst is no worse than the sum of the worsts. */
  readonly saving: bigint;
  readonly positions: readonly MarginPart[];
  readonly collateral: readonly MarginPart[];
}

/**
 * What the same positions would need as isolated positions, each with margin for its own worst scenario (rounded up),
 * and each collateral for its own, beside the account's initial margin.
 * @throws {ScenarioCountMismatch}
 */
export function compareIsolated(portfolios: readonly ChainPortfolio[]): IsolatedComparison {
  const values = portfolioValues(portfolios, countScenarios(portfolios));
  const cross = marginSummary(values, 0).initialMargin;
  const positions = portfolios.flatMap(({ chain, positions }) =>
    positions.map(({ instrumentId, size, instrument }) => {
      let worst = 0n;
      const base = positionValueE16(size, instrument, 0);
      for (let s = 0; s < values.length; s++) {
        const loss = base - positionValueE16(size, instrument, s);
        if (loss > worst) worst = loss;
      }
      return { chain, name: instrumentId, margin: divUp(worst, oneE8) };
    }),
  );
  const collateral = portfolios.flatMap(({ chain, collateral }) =>
    collateral.map(({ asset, values }) => ({ chain, name: asset, margin: marginSummary(values, 0).initialMargin })),
  );
  const isolated = [...positions, ...collateral].reduce((sum, { margin }) => sum + margin, 0n);
  return { cross, isolated, saving: isolated - cross, positions, collateral };
}

/** As many scenarios as the first array has; 1 where there is none. */
function countScenarios(portfolios: readonly ChainPortfolio[]): number {
  return (
    portfolios.flatMap(({ positions }) => positions)[0]?.instrument.prices.length ??
    portfolios.flatMap(({ collateral }) => collateral)[0]?.values.length ??
    1
  );
}

/**
 * The whole account in every scenario: collateral, and every chain's portfolio rounded down. USD with 8 decimals.
 * @throws {ScenarioCountMismatch}
 */
export function portfolioValues(portfolios: readonly ChainPortfolio[], scenarios: number): bigint[] {
  const total = new Array<bigint>(scenarios).fill(0n);
  for (const { cash, positions, collateral } of portfolios) {
    for (const length of [
      ...positions.map(({ instrument }) => instrument.prices.length),
      ...collateral.map(({ values }) => values.length),
    ]) {
      if (length !== scenarios) throw new ScenarioCountMismatch(scenarios, length);
    }
    for (let s = 0; s < scenarios; s++) {
      const exact = positions.reduce(
        (sum, { size, instrument }) => sum + positionValueE16(size, instrument, s),
        cash * oneE8,
      );
      const held = collateral.reduce((sum, { values }) => sum + (values[s] ?? 0n), 0n);
      total[s] = (total[s] ?? 0n) + divDown(exact, oneE8) + held;
    }
  }
  return total;
}

function positionValueE16(size: bigint, { prices, charge }: InstrumentValuation, s: number): bigint {
  return size * (prices[s] ?? 0n) - (size < 0n ? -size : size) * charge;
}
