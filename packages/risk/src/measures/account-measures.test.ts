import fc from "fast-check";
import { expect, test } from "vitest";
import { accounts, market } from "../../test/situations.ts";
import { accountMargin } from "../account/account-margin.ts";
import type { RiskAccount } from "../account/market.ts";
import { priceMarket } from "../account/priced-market.ts";
import { filterHistory } from "../history/filtered-history.ts";
import { applyChanges } from "../what-if/change.ts";
import { accountRevaluation } from "./account-revaluation.ts";
import { accountRisk } from "./account-risk.ts";
import { linearRevaluation } from "./linear-account.ts";
import { liquidationSurface, standardGrid } from "./liquidation-surface.ts";
import { valueAtRisk } from "./value-at-risk.ts";

const priced = priceMarket(market);
const names = ["BTC", "ETH"];

const holding = (positions: RiskAccount["chains"][number]["positions"], usdc: bigint, cash = 0n): RiskAccount => ({
  chains: [{ chain: "birch", cash, positions, collateral: [{ asset: "USDC", amount: usdc }] }],
});
const straddle = holding(
  [
    { instrument: "BTC-80-C", size: -150_000_000n },
    { instrument: "BTC-60-P", size: -150_000_000n },
  ],
  22_000_000_000n,
);

/** Two coins with hourly moves of half a per cent in common and on their own, from a fixed seed. */
const history = filterHistory(
  (() => {
    let state = 3;
    const uniform = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 0.5) / 2 ** 32 - 0.5;
    };
    const closes = names.map(() => new Float64Array(2500).fill(100));
    for (let t = 1; t < 2500; t++) {
      const shared = uniform();
      for (const series of closes) series[t] = (series[t - 1] as number) * Math.exp(0.015 * (shared + uniform()));
    }
    return { underlyings: names, closes };
  })(),
  { fastHalfLifeHours: 24, slowHalfLifeHours: 240, stressedShare: 0.5, warmUpHours: 50 },
);
const window = { now: 2499, horizonHours: 8, lookbackHours: 2000, stepHours: 1 };

test("behavior: what is in between two nodes of the tables is what the engine says, almost", () => {
  const moves = fc.double({ min: -0.5, max: 1, noNaN: true });
  fc.assert(
    fc.property(accounts, moves, moves, fc.constantFrom(0, 1, 8, 24), (account, btc, eth, hours) => {
      const table = accountRevaluation({ priced, account }, names, [0, 1, 8, 24]);
      const bps = [btc, eth].map((move) => Math.round(move * 10_000));
      const moved = applyChanges({ priced, account }, [
        { kind: "move", underlying: "BTC", priceBps: bps[0] ?? 0 },
        { kind: "move", underlying: "ETH", priceBps: bps[1] ?? 0 },
        { kind: "time", seconds: hours * 3600 },
      ]);
      const engine = accountMargin(moved.priced, moved.account);
      const joint = bps.map((move) => move / 10_000);
      // An eighth of gamma times the step squared, for 5 options of a coin at most on either side of everything.
      const positions = account.chains.flatMap((chain) => chain.positions);
      const options = positions.filter(
        ({ instrument }) => instrument.startsWith("BTC-8") || instrument.startsWith("BTC-6"),
      );
      const units = options.reduce((sum, { size }) => sum + Math.abs(Number(size)) / 1e8, 0);
      const allowed = 1 + 20 * units + 0.0001 * Math.abs(Number(engine.base)) * 1e-8;
      expect(Math.abs(table.value(joint, hours) - Number(engine.base) / 1e8)).toBeLessThan(allowed);
      const excess = Number(engine.base - engine.maintenanceMargin) / 1e8;
      expect(Math.abs(table.excess(joint, hours) - excess)).toBeLessThan(3 * allowed);
    }),
    { numRuns: 12 },
  );
});

test("default: a perpetual's value at risk is what the linear measure says, but for what its size costs", () => {
  const account = holding([{ instrument: "BTC-PERP", size: 10_000_000n }], 5_000_000_000n);
  const { valueAtRisk: told, unmoved } = accountRisk({ priced, account }, history, 2499, 2000);
  const linear = linearRevaluation(names, 0, [{ underlying: "BTC", valueUsd: 7_000 }]);
  const expected = valueAtRisk(history, linear, window);
  expect(Math.abs((told[1]?.valueAtRisk99 ?? 0) / expected.valueAtRisk99 - 1)).toBeLessThan(0.005);
  expect(told.map(({ horizonHours }) => horizonHours)).toEqual([1, 8, 24]);
  expect(unmoved).toEqual(["USDC"]);
});

test("behavior: a short straddle loses both ways, which no delta shows, and may be liquidated within eight hours", () => {
  const { valueAtRisk: told, breach } = accountRisk({ priced, account: straddle }, history, 2499, 2000);
  expect(told[2]?.valueAtRisk99).toBeGreaterThan(told[0]?.valueAtRisk99 ?? 0);
  const tight = holding(straddle.chains[0]?.positions ?? [], 9_000_000_000n);
  const { breach: closer } = accountRisk({ priced, account: tight }, history, 2499, 2000);
  expect(breach.map(({ horizonHours }) => horizonHours)).toEqual([1, 8]);
  expect(closer[1]?.chance).toBeGreaterThanOrEqual(closer[0]?.chance ?? 1);
  expect(closer[1]?.chance).toBeGreaterThanOrEqual(breach[1]?.chance ?? 1);
});

test("default: where a short straddle is liquidated, on both sides, sooner in a turmoil", () => {
  const { points, nearest } = liquidationSurface({ priced, account: straddle }, "BTC", standardGrid);
  expect(points).toHaveLength(standardGrid.volatilityBps.length);
  const calm = nearest[2];
  const wild = nearest[5];
  expect(calm?.upBps).toBeGreaterThan(0);
  expect(calm?.downBps).toBeLessThan(0);
  expect(wild?.upBps ?? 0).toBeLessThan(calm?.upBps ?? 0);
  expect(wild?.downBps ?? 0).toBeGreaterThan(calm?.downBps ?? 0);
});

test("behavior: the engine agrees with the surface at its boundary, and one basis point before", () => {
  fc.assert(
    fc.property(accounts, (account) => {
      const { nearest } = liquidationSurface({ priced, account }, "ETH", {
        priceBps: [-5000, -1000, 0, 1000, 5000],
        volatilityBps: [0],
      });
      const gone = (priceBps: number) => {
        const moved = applyChanges({ priced, account }, [{ kind: "move", underlying: "ETH", priceBps }]);
        return accountMargin(moved.priced, account).standing === "liquidatable";
      };
      for (const edge of [nearest[0]?.downBps, nearest[0]?.upBps]) {
        if (edge === undefined) continue;
        expect(gone(edge)).toBe(true);
        if (edge !== 0) expect(gone(edge - Math.sign(edge))).toBe(false);
      }
    }),
    { numRuns: 40 },
  );
});
