import { chainPortfolios } from "../account/account-margin.ts";
import type { RiskAccount } from "../account/market.ts";
import type { PricedMarket } from "../account/priced-market.ts";
import { addExposure, concentrationCharge, noExposure } from "../charges/concentration.ts";
import type { Situation } from "../what-if/change.ts";
import type { Revaluation } from "./linear-account.ts";

/** An account with options after joint moves, in USD. */
export interface AccountRevaluation {
  /** Its value. */
  readonly value: Revaluation;
  /** Its value less maintenance margin: below 0 it is liquidatable. */
  readonly excess: Revaluation;
  /** Underlyings of the account that are none of those that move: they stand still. */
  readonly unmoved: readonly string[];
}

/** Nodes of the tables: every 1.5 % up or down from the last, 90 of them each way: -74 % to +282 %. */
const nodeStep = 1.015;
const nodesEachWay = 90;

/** What one underlying's positions and collateral are worth, by time, node and scenario. */
interface Table {
  readonly column: number;
  /** `values[t][node * scenarios + s]`. */
  readonly values: readonly Float64Array[];
}

/**
 * Prepares an account, options and all, for thousands of revaluations.
 *
 * An account's worth in a scenario is a sum over underlyings, each a function of its own price and the time alone. The
 * engine prices every one of them in full at 181 prices and at each of `hours`; in between, values are
 * interpolated linearly in price and in time, in doubles. What is linear is exact; an option's curve is cut by at most an
 * eighth of its gamma times the square of a 1.5 % step. Volatilities stay as the surface has them, at the moved forward;
 * options that expire on the way pay out at the price then reached.
 *
 * @param underlyings In the order of the moves. Others stand still.
 * @param hours Ascending from 0, whole seconds when times 3600.
 * @throws {UnknownInMarket}
 * @example accountRevaluation({ priced, account }, ["BTC", "ETH"], [0, 1, 8, 24]).value([-0.1, -0.12], 8)
 */
export function accountRevaluation(
  situation: Situation,
  underlyings: readonly string[],
  hours: readonly number[],
): AccountRevaluation {
  const { priced, account } = situation;
  const { scenarios, maintenanceBps } = priced;
  const cash = account.chains.reduce((sum, chain) => sum + Number(chain.cash), 0) / 1e8;
  const names = namesIn(priced, account);
  const tables: Table[] = [];
  const unmoved = [...names].filter((name) => !underlyings.includes(name));
  const still = hours.map(() => new Float64Array(scenarios).fill(cash));
  for (const name of names) {
    const part = partOf(priced, account, name);
    const column = underlyings.indexOf(name);
    if (column >= 0) tables.push({ column, values: tabulate({ priced, account: part }, name, hours) });
    else
      for (const [t, row] of still.entries()) addInto(row, worthAt({ priced, account: part }, name, hours[t] ?? 0, 1));
  }
  const sums = new Float64Array(scenarios);
  const share = maintenanceBps / 10_000;

  const evaluate = (moves: readonly number[], time: number): void => {
    const t = Math.max(
      0,
      Math.min(
        hours.length - 2,
        hours.findLastIndex((hour) => hour <= time),
      ),
    );
    const [from = 0, to = from] = [hours[t], hours[t + 1]];
    const weight = to > from ? Math.min(1, Math.max(0, (time - from) / (to - from))) : 0;
    sums.fill(0);
    addScaled(sums, still[t], 0, 1 - weight);
    addScaled(sums, still[t + 1], 0, weight);
    for (const { column, values } of tables) {
      const position = Math.log1p(moves[column] ?? 0) / Math.log(nodeStep) + nodesEachWay;
      const node = Math.min(2 * nodesEachWay - 1, Math.max(0, Math.floor(position)));
      const [low, high] = [nodeMove(node), nodeMove(node + 1)];
      const upper = ((moves[column] ?? 0) - low) / (high - low);
      for (const [table, part] of [
        [values[t], 1 - weight],
        [values[t + 1], weight],
      ] as const) {
        addScaled(sums, table, node * scenarios, part * (1 - upper));
        addScaled(sums, table, (node + 1) * scenarios, part * upper);
      }
    }
  };
  return {
    unmoved,
    value: (moves, time) => {
      evaluate(moves, time);
      return sums[0] as number;
    },
    excess: (moves, time) => {
      evaluate(moves, time);
      const base = sums[0] as number;
      let worst = base;
      for (const value of sums) if (value < worst) worst = value;
      return base - share * (base - worst);
    },
  };
}

function nodeMove(node: number): number {
  return nodeStep ** (node - nodesEachWay) - 1;
}

/** The underlyings that the account is exposed to. */
function namesIn(priced: PricedMarket, { chains }: RiskAccount): Set<string> {
  const names = new Set<string>();
  for (const { positions, collateral } of chains) {
    for (const { instrument } of positions) names.add(priced.instrument(instrument).underlying);
    for (const { asset } of collateral) names.add(priced.asset(asset).underlying);
  }
  return names;
}

/** What the account has of one underlying, without cash. */
function partOf(priced: PricedMarket, { chains }: RiskAccount, name: string): RiskAccount {
  return {
    chains: chains.map(({ chain, positions, collateral }) => ({
      chain,
      cash: 0n,
      positions: positions.filter(({ instrument }) => priced.instrument(instrument).underlying === name),
      collateral: collateral.filter(({ asset }) => priced.asset(asset).underlying === name),
    })),
  };
}

function tabulate(part: Situation, name: string, hours: readonly number[]): Float64Array[] {
  const { scenarios } = part.priced;
  return hours.map((hour) => {
    const values = new Float64Array((2 * nodesEachWay + 1) * scenarios);
    for (let node = 0; node <= 2 * nodesEachWay; node++) {
      values.set(worthAt(part, name, hour, 1 + nodeMove(node)), node * scenarios);
    }
    return values;
  });
}

/** The part's worth in every scenario at a price and a time, USD. */
function worthAt(part: Situation, name: string, hour: number, factor: number): Float64Array {
  const { priceE8, volatilityBps } = part.priced.underlying(name);
  const moved = { priceE8: BigInt(Math.max(1, Math.round(Number(priceE8) * factor))), volatilityBps };
  return worthInDoubles(part.priced.later(Math.round(hour * 3600)).withUnderlying(name, moved), part.account, name);
}

function worthInDoubles(priced: PricedMarket, account: RiskAccount, name: string): Float64Array {
  const sums = new Float64Array(priced.scenarios);
  let exposure = noExposure;
  for (const { positions, collateral } of chainPortfolios(priced, account)) {
    for (const { instrumentId, size, instrument } of positions) {
      const charge = (Math.abs(Number(size)) * Number(instrument.charge)) / 1e16;
      for (let s = 0; s < sums.length; s++) {
        sums[s] = (sums[s] as number) + (Number(size) * Number(instrument.prices[s] ?? 0n)) / 1e16 - charge;
      }
      exposure = addExposure(exposure, priced.instrument(instrumentId).kind, size, instrument.notional);
    }
    for (const { values } of collateral) {
      for (let s = 0; s < sums.length; s++) sums[s] = (sums[s] as number) + Number(values[s] ?? 0n) / 1e8;
    }
  }
  const { depthE8 } = priced.underlying(name);
  const taken = depthE8 === undefined ? 0 : Number(concentrationCharge(exposure, depthE8)) / 1e8;
  return sums.map((value) => value - taken);
}

function addInto(target: Float64Array, values: Float64Array): void {
  addScaled(target, values, 0, 1);
}

function addScaled(target: Float64Array, values: Float64Array | undefined, from: number, factor: number): void {
  if (values === undefined || factor === 0) return;
  for (let s = 0; s < target.length; s++) target[s] = (target[s] as number) + factor * (values[from + s] as number);
}
