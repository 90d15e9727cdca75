import type { DeployedChain } from "@plimsoll/sdk/deployment";
import type { Account, ConsumerPortfolio } from "@plimsoll/sdk/node/accountSchema";
import { formatUsd } from "@plimsoll/sdk/units/formatUsd";

/** Whole dollars, for the terminal. */
export function usd(valueE8: bigint): string {
  return `${formatUsd(valueE8, { decimals: 0 })} USD`;
}

/** The account's portfolio at the chain's market; undefined before there is anything. */
export function portfolioOn(account: Account, { eid }: DeployedChain): ConsumerPortfolio | undefined {
  return account.portfolios.find((portfolio) => portfolio.eid === eid);
}

/**
 * How much more the account may lose at that market, in whichever scenario leaves least: what the newest epoch allots
 * less what the portfolio loses there. USD with 8 decimals; null while there is no allotment.
 */
export function roomOn(account: Account, chain: DeployedChain): bigint | null {
  const portfolio = portfolioOn(account, chain);
  if (!portfolio?.allotment) return null;
  return least(portfolio.allotment.losses.map((allotted, scenario) => allotted - (portfolio.losses[scenario] ?? 0n)));
}

/** The scalar credit line: the smallest entry of the allotment. Null while there is none. */
export function creditOn(account: Account, chain: DeployedChain): bigint | null {
  const allotment = portfolioOn(account, chain)?.allotment;
  return allotment ? least(allotment.losses) : null;
}

/** Initial margin of one portfolio by itself: its worst loss from where it stands. */
export function marginAlone({ losses }: ConsumerPortfolio): bigint {
  const base = losses[0] ?? 0n;
  return -least(losses.map((loss) => base - loss));
}

/** Units held at that market, 8 decimals. */
export function sizeOn(account: Account, chain: DeployedChain): bigint {
  return portfolioOn(account, chain)?.positions.reduce((sum, { size }) => sum + size, 0n) ?? 0n;
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((lowest, value) => (value < lowest ? value : lowest), values[0] ?? 0n);
}
