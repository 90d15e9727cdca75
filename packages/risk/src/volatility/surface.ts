/**
 * One expiry's smile, as three numbers a trader reads, 8 decimals each.
 *
 * Total variance (volatility^2 * time) at log-moneyness k = ln(strike / forward) is
 *
 *     w(k) = w(0) / 2 * (1 + skew k + sqrt((1 + skew k)^2 + 2 curvature k^2))
 *
 * This is a slice of SSVI (J. Gatheral, A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14
 * (2014), 59-71, equation 4.1) with its rho and phi written as derivatives at the money: skew = w'(0) / w(0) = rho phi
 * and curvature = w''(0) / w(0) = phi^2 (1 - rho^2) / 2. In the wings it grows linearly, as it must.
 */
export interface VolatilitySlice {
  readonly expirySeconds: number;
  /** A year's volatility at the money; 100_000_000n is 100 %. */
  readonly atTheMoneyE8: bigint;
  /** Relative slope of total variance at the money, a unit of log-moneyness. Negative where puts are dearer. */
  readonly skewE8: bigint;
  /** Relative second derivative of total variance at the money; not negative. */
  readonly curvatureE8: bigint;
}

/** One underlying's smiles in the order of their expiries, interpolated in total variance between them. */
export interface VolatilitySurface {
  readonly slices: readonly VolatilitySlice[];
}
