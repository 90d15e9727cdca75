import { type AccountStanding, accountMargin } from "../account/account-margin.ts";
import { applyChanges, type Situation } from "../what-if/change.ts";

/** An account after one joint move of an underlying's price and its options' volatilities. USD with 8 decimals. */
export interface SurfacePoint {
  readonly priceBps: number;
  readonly volatilityBps: number;
  readonly base: bigint;
  readonly maintenanceMargin: bigint;
  readonly standing: AccountStanding;
}

/** Where an account is liquidatable, in place of one liquidation price. */
export interface LiquidationSurface {
  readonly underlying: string;
  /** One row for each volatility move, one column for each price move. */
  readonly points: readonly (readonly SurfacePoint[])[];
  /**
   * For each volatility move, the smallest fall and rise of the price, within the grid, at which the account is liquidatable; to
   * the basis point where the boundary lies between two grid points that disagree. `undefined` where none in the grid does it.
   */
  readonly nearest: readonly {
    readonly volatilityBps: number;
    readonly downBps: number | undefined;
    readonly upBps: number | undefined;
  }[];
}

/** Moves to look at. */
export interface SurfaceGrid {
  /** Relative price moves, ascending, with 0 among them. */
  readonly priceBps: readonly number[];
  readonly volatilityBps: readonly number[];
}

/** -60 % to 100 % by 9 volatility moves. */
export const standardGrid: SurfaceGrid = {
  priceBps: [-6000, -5000, -4000, -3000, -2000, -1500, -1000, -500, 0, 500, 1000, 1500, 2000, 3000, 5000, 7500, 10_000],
  volatilityBps: [-5000, -2500, 0, 2500, 5000, 10_000],
};

/**
 * Runs the engine anew at every point of a grid: prices, charges, multiplier as it is, and maintenance margin at the
 * moved market. Other underlyings stand still.
 *
 * @throws {UnknownInMarket}
 * @example liquidationSurface({ priced, account }, "ETH", standardGrid).nearest
 */
export function liquidationSurface(situation: Situation, underlying: string, grid: SurfaceGrid): LiquidationSurface {
  const at = (priceBps: number, volatilityBps: number): SurfacePoint => {
    const moved = applyChanges(situation, [{ kind: "move", underlying, priceBps, volatilityBps }]);
    const { base, maintenanceMargin, standing } = accountMargin(moved.priced, moved.account);
    return { priceBps, volatilityBps, base, maintenanceMargin, standing };
  };
  const points = grid.volatilityBps.map((volatilityBps) =>
    grid.priceBps.map((priceBps) => at(priceBps, volatilityBps)),
  );
  return {
    underlying,
    points,
    nearest: grid.volatilityBps.map((volatilityBps, row) => {
      const isGone = (priceBps: number) => at(priceBps, volatilityBps).standing === "liquidatable";
      const known = points[row] ?? [];
      const ups = known.filter(({ priceBps }) => priceBps >= 0);
      const downs = known.filter(({ priceBps }) => priceBps <= 0).reverse();
      return { volatilityBps, downBps: nearestGone(downs, isGone), upBps: nearestGone(ups, isGone) };
    }),
  };
}

/** Along points that lead away from 0: the first that is liquidatable, moved back towards the one before it. */
function nearestGone(points: readonly SurfacePoint[], isGone: (priceBps: number) => boolean): number | undefined {
  const first = points.findIndex(({ standing }) => standing === "liquidatable");
  if (first < 0) return undefined;
  let gone = points[first]?.priceBps ?? 0;
  let sound = points[first - 1]?.priceBps ?? gone;
  while (Math.abs(gone - sound) > 1) {
    const middle = Math.trunc((gone + sound) / 2);
    if (isGone(middle)) gone = middle;
    else sound = middle;
  }
  return gone;
}
