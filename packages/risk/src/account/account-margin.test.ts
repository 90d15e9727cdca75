import fc from "fast-check";
import { expect, test } from "vitest";
import { accounts, market } from "../../test/situations.ts";
import { UnpricedInstrumentKind } from "../errors.ts";
import { accountGreeks } from "./account-greeks.ts";
import { accountMargin, explainMargin, isolatedMargin } from "./account-margin.ts";
import { UnknownInMarket } from "./errors.ts";
import type { AccountChain, MarketExpiry, RiskMarket } from "./market.ts";
import { priceMarket } from "./priced-market.ts";

const priced = priceMarket(market);
const birch = (part: Partial<AccountChain>) => ({
  chains: [{ chain: "birch", cash: 0n, positions: [], collateral: [], ...part }],
});

test("default: one perpetual, collateral, charges and what its size costs", () => {
  const { values, concentration, ...margin } = accountMargin(
    priced,
    birch({
      cash: -70_012_34567890n + 24_69135780n,
      positions: [{ instrument: "BTC-PERP", size: 100_000_000n }],
      collateral: [{ asset: "USDC", amount: 10_000_000_000n }],
    }),
  );
  // 70,000 squared over 50,070,000, and 5 basis points of 70,000.
  const taken = 97_86299182n;
  expect(concentration).toEqual(new Map([["BTC", taken]]));
  const usdc = 9_899_01000000n;
  expect(values[0]).toBe(usdc - 35_00000000n - taken);
  expect(values[8]).toBe(8_612_13870000n - 35_00000000n - taken);
  expect(margin).toMatchObject({
    worstScenario: 1,
    initialMargin: 7_000_00000000n,
    maintenanceMargin: 4_200_00000000n,
  });
  expect(margin.standing).toBe("healthy");
});

test("behavior: initial margin is the sum of what every position, collateral and chain adds", () => {
  fc.assert(
    fc.property(accounts, (account) => {
      const { initialMargin, values, worst } = accountMargin(priced, account);
      const { positions, collateral, chains, summary } = explainMargin(priced, account);
      const sum = (parts: readonly { margin: bigint }[]) => parts.reduce((total, { margin }) => total + margin, 0n);
      expect(sum(chains)).toBe(initialMargin);
      expect(sum(positions) + sum(collateral)).toBe(initialMargin);
      expect(summary.initialMargin).toBe(initialMargin);
      expect(values.every((value) => value >= worst)).toBe(true);
    }),
  );
});

test("behavior: isolated positions need at least what the whole account needs", () => {
  fc.assert(
    fc.property(accounts, (account) => {
      const { saving, cross } = isolatedMargin(priced, account);
      expect(cross).toBe(accountMargin(priced, account).initialMargin);
      // Every chain's portfolio is rounded once.
      expect(saving >= -3n).toBe(true);
    }),
  );
});

test("behavior: standing follows base, worst and maintenance", () => {
  fc.assert(
    fc.property(accounts, (account) => {
      const { standing, base, worst, maintenanceMargin, initialMargin } = accountMargin(priced, account);
      expect(maintenanceMargin <= initialMargin).toBe(true);
      expect(standing).toBe(base < maintenanceMargin ? "liquidatable" : worst < 0n ? "below-initial" : "healthy");
    }),
  );
});

test("behavior: Greeks add up over chains, and are the slope of the account's value", () => {
  const account = birch({
    positions: [
      { instrument: "BTC-PERP", size: 100_000_000n },
      { instrument: "BTC-80-C", size: -200_000_000n },
      { instrument: "BTC-FUT", size: 500_000_000n },
    ],
  });
  const worth = (priceE8: bigint) => {
    const btc = { ...(market.underlyings.get("BTC") ?? never()), priceE8, depthE8: 10n ** 25n };
    const uncharged = [...market.instruments].map(([name, terms]) => {
      const none = { spreadBps: 0, basisBpsAYear: 0, mostBasisBps: 0, shortMinimumBps: 0 };
      return [name, { ...terms, charges: none }] as const;
    });
    const flat = { slices: [{ expirySeconds: 100 * 86_400, atTheMoneyE8: 55_000_000n, skewE8: 0n, curvatureE8: 0n }] };
    const moved: RiskMarket = {
      ...market,
      instruments: new Map(uncharged),
      underlyings: new Map(market.underlyings).set("BTC", { ...btc, surface: flat }),
    };
    return {
      base: Number(accountMargin(priceMarket(moved), account).base) / 1e8,
      greeks: accountGreeks(moved, account),
    };
  };
  const { greeks } = worth(70_000_00000000n);
  const slope = (worth(70_100_00000000n).base - worth(69_900_00000000n).base) / 200;
  expect(greeks.underlyings.get("BTC")?.delta).toBeCloseTo(slope, 4);
});

test("behavior: an expiry's own rates, and of an average only what is still to come, move a future", () => {
  const expirySeconds = 40 * 86_400;
  const btc = market.underlyings.get("BTC") ?? never();
  const long = birch({ positions: [{ instrument: "BTC-FUT", size: 10n * 100_000_000n }] });
  const measure = (expiry: MarketExpiry, priceE8 = btc.priceE8) => {
    const underlyings = new Map(market.underlyings);
    underlyings.set("BTC", { ...btc, priceE8, expiries: new Map([[expirySeconds, expiry]]) });
    const so = { ...market, underlyings };
    return { mark: priceMarket(so).instrument("BTC-FUT").mark, greeks: accountGreeks(so, long).underlyings.get("BTC") };
  };
  const rates = { basisRateE8: 0n, discountRateE8: 0n };
  expect(measure(rates).mark).toBe(btc.priceE8 / 10n);
  expect(measure({ ...rates, basisRateE8: 5_000_000n }).mark).toBeGreaterThan(priced.instrument("BTC-FUT").mark);
  const average = { priceSecondsE8: 1200n * 60_000_00000000n, seconds: 1200, secondsLeft: 600 };
  const settling = measure({ ...rates, average });
  expect(settling.mark).toBe((btc.priceE8 + 2n * 60_000_00000000n) / 30n);
  const slope = Number(measure({ ...rates, average }, btc.priceE8 + 3_00000000n).mark - settling.mark) / 3e8;
  expect(settling.greeks?.delta).toBeCloseTo(10 * slope, 8);
});

test("behavior: a settled instrument is worth its price in every scenario, and no more is charged for it", () => {
  const terms = market.instruments.get("BTC-80-C") ?? never();
  const settled = {
    ...market,
    instruments: new Map(market.instruments).set("BTC-80-C", { ...terms, settlementE8: 1_234_00000000n }),
  };
  const short = birch({ cash: 5n, positions: [{ instrument: "BTC-80-C", size: -300_000_000n }] });
  const { values, concentration, initialMargin } = accountMargin(priceMarket(settled), short);
  expect(new Set(values)).toEqual(new Set([5n - 3n * 1_234_00000000n]));
  expect([concentration.size, initialMargin]).toEqual([0, 0n]);
  expect(accountGreeks(settled, short).underlyings.get("BTC")?.delta).toBe(0);
});

test("error: UnknownInMarket, UnpricedInstrumentKind", () => {
  expect(() => accountMargin(priced, birch({ positions: [{ instrument: "X", size: 1n }] }))).toThrow(UnknownInMarket);
  expect(() => accountMargin(priced, birch({ collateral: [{ asset: "X", amount: 1n }] }))).toThrow(UnknownInMarket);
  const surfaceless = {
    ...market,
    underlyings: new Map(market.underlyings).set("BTC", market.underlyings.get("ETH") ?? never()),
  };
  const option = birch({ positions: [{ instrument: "BTC-80-C", size: 1n }] });
  expect(() => accountMargin(priceMarket(surfaceless), option)).toThrow(UnpricedInstrumentKind);
  expect(() => accountGreeks(surfaceless, option)).toThrow(UnpricedInstrumentKind);
});

function never(): never {
  throw new UnknownInMarket("underlying", "BTC");
}
