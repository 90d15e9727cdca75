// Risk arrays of 2,000 instruments in 31 scenarios: perpetuals, futures and options on four underlyings, ten expiries each,
// volatility read from a surface for every option. Beside it the same by the integer pricer alone, whose numbers it
// must give. Prints one JSON object a line. Usage: node bench/arrays.ts

import { type ExpiryScenarios, expiryScenarios } from "../src/pricing/expiry-scenarios.ts";
import { optionPricesExactly } from "../src/pricing/option-array.ts";
import { type PricedInstrument, type RiskArray, riskArray } from "../src/risk-array.ts";
import { standardVolatilityTerm } from "../src/shocks/volatility-term.ts";
import { impliedVolatilityE8 } from "../src/volatility/implied-volatility-integer.ts";
import type { VolatilitySurface } from "../src/volatility/surface.ts";
import { validateVolatilitySurface } from "../src/volatility/validate-surface.ts";

const day = 86_400;
const days = [1, 2, 3, 7, 14, 30, 60, 91, 182, 365];
const pricesE8 = [100_137_41234567n, 3_987_12345678n, 151_98765432n, 17_12345678n];
const priceShocksBps = [
  0,
  ...[-3000, -2000, -1000, -500, 0, 500, 1000, 2000, 3000].flatMap((s) => [s, s, s]),
  -6000,
  6000,
  0,
];
const volatilityShocksBps = priceShocksBps.map((_, s) => (s === 0 ? 0 : ([-2500, 0, 4000][s % 3] ?? 0)));

const surface: VolatilitySurface = {
  slices: days.map((count) => ({
    expirySeconds: count * day,
    atTheMoneyE8: 60_000_000n,
    skewE8: -40_000_000n,
    curvatureE8: 200_000_000n,
  })),
};
validateVolatilitySurface(surface, 0);

/** 50 instruments an underlying and expiry: a future, and calls and puts at strikes from -36 % to +36 % (a perpetual for the first). */
function contracts(indexE8: bigint, first: boolean): PricedInstrument[] {
  const multiplierE8 = 100_000_000n;
  const strikes = Array.from({ length: 25 }, (_, i) => (indexE8 * BigInt(64 + 3 * i)) / 100n);
  const options = strikes.flatMap((strikeE8): PricedInstrument[] => [
    { kind: "call", strikeE8, multiplierE8 },
    { kind: "put", strikeE8, multiplierE8 },
  ]);
  const dated: PricedInstrument[] = [{ kind: "future", multiplierE8 }, ...options.slice(0, -1)];
  return first ? [{ kind: "perpetual", multiplierE8 }, ...dated.slice(0, -1)] : dated;
}

type OptionArray = (instrument: PricedInstrument, volatilityE8: bigint, expiry: ExpiryScenarios) => RiskArray;

const byScreen: OptionArray = (instrument, volatilityE8, expiry) =>
  riskArray(instrument, 0n, [], { expiry, volatilityE8 });

const byIntegers: OptionArray = ({ kind, strikeE8 = 0n, multiplierE8 }, volatilityE8, expiry) =>
  kind === "call" || kind === "put"
    ? optionPricesExactly({ kind, strikeE8, multiplierE8 }, volatilityE8, expiry)
    : byScreen({ kind, multiplierE8 }, volatilityE8, expiry);

function buildAll(optionArray: OptionArray): RiskArray[] {
  const arrays: RiskArray[] = [];
  for (const indexE8 of pricesE8) {
    for (const [e, count] of days.entries()) {
      const secondsToExpiry = count * day - 3_000;
      const expiry = expiryScenarios({
        indexE8,
        basisRateE8: 4_000_000n,
        discountRateE8: 4_000_000n,
        secondsToExpiry,
        priceShocksBps,
        volatilityShocksBps,
        volatilityTerm: standardVolatilityTerm,
      });
      const forwardE8 = expiry.forwardsE8[0] ?? indexE8;
      for (const instrument of contracts(indexE8, e === 0)) {
        if (instrument.kind === "perpetual") {
          arrays.push(riskArray(instrument, indexE8, priceShocksBps));
          continue;
        }
        const strikeE8 = instrument.strikeE8 ?? forwardE8;
        const point = { forwardE8, strikeE8, expirySeconds: secondsToExpiry, nowSeconds: 0 };
        const volatilityE8 = instrument.kind === "future" ? 0n : impliedVolatilityE8(surface, point);
        arrays.push(optionArray(instrument, volatilityE8, expiry));
      }
    }
  }
  return arrays;
}

function milliseconds(optionArray: OptionArray, rounds: number): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    buildAll(optionArray);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

const start = performance.now();
const arrays = buildAll(byScreen);
const first = performance.now() - start;
const exact = buildAll(byIntegers);
const different = arrays.filter((array, i) => array.some((price, s) => price !== exact[i]?.[s])).length;
const median = milliseconds(byScreen, 15);
const baseline = milliseconds(byIntegers, 3);

function print(bench: string, value: number, unit: string, compared: object = {}): void {
  console.log(JSON.stringify({ bench, value: Math.round(value * 100) / 100, unit, ...compared }));
}

const label = `risk: arrays of ${arrays.length} instruments x ${priceShocksBps.length} scenarios`;
print(label, median, "ms", { baseline: Math.round(baseline), ratio: Math.round((baseline / median) * 10) / 10 });
print(`${label}, first time in a process`, first, "ms");
print("risk: arrays that differ from the integer pricer's", different, "arrays");
if (different > 0) process.exitCode = 1;
