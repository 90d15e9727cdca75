// Margin of many accounts: the exact fast path beside plain BigInt and beside repricing every option in every scenario, and
// one price tick over a million accounts.
// Prints one JSON object a line. Usage: node bench/accounts.ts [accounts]

import { type FastAccount, makeAccountBook, setAccount } from "../src/accounts/account-book.ts";
import { makeArrayBook, setArray } from "../src/accounts/array-book.ts";
import { makeAccountValues, valueAccounts } from "../src/accounts/value-accounts.ts";
import { divDown, oneE8 } from "../src/fixed-point.ts";
import { marginSummary } from "../src/margin.ts";
import { type InstrumentValuation, portfolioValuesE16 } from "../src/portfolio.ts";
import { optionPrice } from "../src/pricing/option.ts";

const accountCount = Number(process.argv[2] ?? 1_000_000);
const compared = Math.min(10_000, accountCount);
const instrumentCount = 2000;
const scenarios = 31;
const maintenanceBps = 6000;

let state = 88_172_645;
/** A whole number below `end` (xorshift32). */
function random(end: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % end;
}

/** Price moves of 9 sizes by 3 volatility moves, two tails and two rows apart, as the generator makes them. */
const moves = [0, ...Array.from({ length: 26 }, (_, row) => Math.floor(row / 3) * 500 - 2000), -3000, 3000, 900, -900];

/** Rows that follow the index, bent and lifted a little by each instrument's own amount, as an option's are. */
function makeInstrument(index: number, indexE8: bigint): InstrumentValuation {
  const bend = BigInt((index * 7919) % 4000);
  const prices = BigInt64Array.from(moves, (move, row) => {
    const curve = (BigInt(move) * BigInt(move) * bend) / 10_000n / 10_000n + BigInt((row % 3) * ((index * 31) % 60));
    return (indexE8 * (10_000n + BigInt(move) + curve)) / 10_000n;
  });
  return { notional: indexE8, charge: indexE8 / 2000n, prices };
}

function makeAccount(): FastAccount {
  const positions = Array.from({ length: 9 + random(17) }, () => ({
    instrument: random(instrumentCount),
    size: BigInt(random(2_000_000_000) - 1_000_000_000),
  }));
  return { cash: BigInt(random(1_000_000)) * oneE8 + BigInt(random(100_000_000)), positions };
}

function print(bench: string, value: number, unit: string, baseline?: number): void {
  const ratio = baseline === undefined ? {} : { baseline: round(baseline), ratio: round(value / baseline) };
  console.log(JSON.stringify({ bench, value: round(value), unit, ...ratio }));
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

function makeInstruments(tickBps: number): InstrumentValuation[] {
  return Array.from({ length: instrumentCount }, (_, index) =>
    makeInstrument(index, (BigInt(100 + ((index * 37) % 90_000)) * oneE8 * BigInt(10_000 + tickBps)) / 10_000n),
  );
}

let instruments = makeInstruments(0);
const arrays = makeArrayBook(instrumentCount, scenarios);
for (const [index, instrument] of instruments.entries()) setArray(arrays, index, instrument);
const accounts = makeAccountBook(accountCount, accountCount * 18);
const sample: FastAccount[] = [];
for (let index = 0; index < accountCount; index++) {
  const account = makeAccount();
  if (index < compared) sample.push(account);
  setAccount(accounts, index, account);
}
const values = makeAccountValues(accountCount);
const positions = accounts.starts[accountCount] ?? 0;
print("risk/accounts/mean-positions", positions / accountCount, "positions");

// The first passes, over the sample, are when the engine compiles the kernel; the one over all accounts is measured.
for (let pass = 0; pass < 5; pass++) valueAccounts(arrays, accounts, maintenanceBps, values, 0, compared);
const processor = process.cpuUsage();
const started = performance.now();
valueAccounts(arrays, accounts, maintenanceBps, values, 0, accountCount);
const fastRate = accountCount / ((performance.now() - started) / 1000);
// Unlike the time, this is the same when others use the machine too.
const { user, system } = process.cpuUsage(processor);
print("risk/accounts/fast-by-cpu-time", accountCount / ((user + system) / 1e6), "accounts/s");

let plainRate = 0;
/** Values the sample with the plain path, and says how many accounts differ in any figure. */
function countDifferent(): number {
  const start = performance.now();
  const plain = sample.map(({ cash, positions }) => {
    const holdings = positions.map(({ instrument, size }) => ({
      size,
      instrument: instruments[instrument] as InstrumentValuation,
    }));
    return marginSummary(
      portfolioValuesE16(cash, holdings, scenarios).map((value) => divDown(value, oneE8)),
      maintenanceBps,
    );
  });
  plainRate = compared / ((performance.now() - start) / 1000);
  return plain.filter(
    (summary, index) =>
      summary.base !== values.base[index] ||
      summary.worst !== values.worst[index] ||
      summary.worstScenario !== values.worstScenario[index] ||
      summary.maintenanceMargin !== values.maintenance[index],
  ).length;
}

/** Accounts a second when each of 17 options is priced anew in each of 31 scenarios, in doubles: what arrays save. */
function repricingRate(): number {
  const count = Math.min(2_000, accountCount);
  const start = performance.now();
  let worstOfAll = 0;
  for (let account = 0; account < count; account++) {
    const forward = 60_000 + account;
    let worst = Number.POSITIVE_INFINITY;
    for (const move of moves) {
      let value = 0;
      for (let option = 0; option < 17; option++) {
        value +=
          (option - 8) *
          optionPrice({
            kind: option % 2 === 0 ? "call" : "put",
            forward: forward * (1 + move / 10_000),
            strike: 40_000 + 2_500 * option,
            volatility: 0.5 + move / 50_000,
            yearsToExpiry: 0.1 + option / 100,
            discountRate: 0,
          });
      }
      worst = Math.min(worst, value);
    }
    worstOfAll = Math.min(worstOfAll, worst);
  }
  if (Number.isNaN(worstOfAll)) process.exitCode = 1;
  return count / ((performance.now() - start) / 1000);
}

const different = countDifferent();
print("risk/accounts/fast", fastRate, "accounts/s", plainRate);
print("risk/accounts/fast-beside-repricing", fastRate, "accounts/s", repricingRate());
print("risk/accounts/compared-with-plain", compared, "accounts");
print("risk/accounts/different-from-plain", different, "accounts");

const tickStarted = performance.now();
const tickProcessor = process.cpuUsage();
instruments = makeInstruments(37);
for (const [index, instrument] of instruments.entries()) setArray(arrays, index, instrument);
const built = performance.now();
valueAccounts(arrays, accounts, maintenanceBps, values, 0, accountCount);
print("risk/price-tick/accounts", accountCount, "accounts");
print("risk/price-tick/arrays", (built - tickStarted) / 1000, "s");
print("risk/price-tick/time", (performance.now() - tickStarted) / 1000, "s");
const tickUsage = process.cpuUsage(tickProcessor);
print("risk/price-tick/cpu-time", (tickUsage.user + tickUsage.system) / 1e6, "s");
print("risk/price-tick/peak-memory", process.resourceUsage().maxRSS / 1024, "MiB");
print("risk/price-tick/different-from-plain", countDifferent(), "accounts");
if (different > 0) process.exitCode = 1;
