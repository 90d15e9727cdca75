import type { UnderlyingName } from "./market-data.ts";

/** One joint stress, in basis points: how prices and volatilities move. What is not named does not move. */
interface Stress {
  readonly price: Partial<Record<UnderlyingName, number>>;
  readonly volatility?: number;
}

const columns = ["BTC", "ETH", "USDC"] as const satisfies readonly UnderlyingName[];

/** In a move of the whole market ether goes this much further than bitcoin. */
const etherBetaPercent = 125;
const jointMovesBps = [-2_000, -1_500, -1_000, -500, 500, 1_000, 1_500, 2_000];
const tailMovesBps = [-2_500, 2_500];
const soloMoveBps = 1_000;
const volatilityUpBps = 4_000;
const volatilityDownBps = -2_000;
const volatilityTailBps = 8_000;

/**
 * The devnet's scenario set, 31 rows: no shock; joint moves, each with volatility up and down; volatility alone; tails;
 * one coin alone or two apart, so that a spread between them is not free; and a stablecoin that slips.
 *
 * @example
 * const { underlyings, priceShocksBps } = scenarioSet();
 */
export function scenarioSet() {
  const base: Stress = { price: {} };
  const grid = jointMovesBps.flatMap((bps) => [
    { ...marketMove(bps), volatility: volatilityUpBps },
    { ...marketMove(bps), volatility: volatilityDownBps },
  ]);
  const volatilityAlone: Stress[] = [
    { price: {}, volatility: volatilityUpBps },
    { price: {}, volatility: volatilityDownBps },
  ];
  const tails = tailMovesBps.map((bps) => ({ ...marketMove(bps), volatility: volatilityTailBps }));
  const alone: Stress[] = [-soloMoveBps, soloMoveBps].flatMap((bps) => [
    { price: { BTC: bps } },
    { price: { ETH: withBeta(bps) } },
  ]);
  const apart: Stress[] = [-soloMoveBps, soloMoveBps].flatMap((bps) => [
    { price: { BTC: bps / 2, ETH: withBeta(-bps) / 2 } },
  ]);
  const laggingEther: Stress[] = [-soloMoveBps, soloMoveBps].map((bps) => ({ price: { BTC: bps, ETH: bps / 2 } }));
  const stablecoinSlips: Stress[] = [
    { price: { USDC: -300 } },
    { ...marketMove(-soloMoveBps), price: { ...marketMove(-soloMoveBps).price, USDC: -500 } },
  ];
  const rows = [base, ...grid, ...volatilityAlone, ...tails, ...alone, ...apart, ...laggingEther, ...stablecoinSlips];
  return {
    underlyings: columns,
    priceShocksBps: rows.flatMap(({ price }) => columns.map((name) => price[name] ?? 0)),
    volatilityShocksBps: rows.flatMap(({ volatility = 0 }) =>
      columns.map((name) => (name === "USDC" ? 0 : volatility)),
    ),
  };
}

function marketMove(bitcoinBps: number): Stress {
  return { price: { BTC: bitcoinBps, ETH: withBeta(bitcoinBps) } };
}

function withBeta(bitcoinBps: number): number {
  return (bitcoinBps * etherBetaPercent) / 100;
}
