import fc from "fast-check";
import { expect, test } from "vitest";
import { accounts, market } from "../../test/situations.ts";
import { UnpricedInstrumentKind } from "../errors.ts";
import { accountGreeks } from "./account-greeks.ts";
import { accountMargin, explainMargin, isolatedMargin } from "./account-margin.ts";
import { UnknownInMarket } from "./errors.ts";
import type { AccountChain, RiskMarket } from "./market.ts";
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
