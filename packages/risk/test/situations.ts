import fc from "fast-check";
import type { MarketInstrument, RiskAccount, RiskMarket } from "../src/account/market.ts";
import { calmFeed } from "../src/shocks/feed-stress.ts";
import { standardVolatilityTerm } from "../src/shocks/volatility-term.ts";

const day = 86_400;
const charges = { spreadBps: 5, basisBpsAYear: 200, mostBasisBps: 100, shortMinimumBps: 100 };
const call = { kind: "call", multiplierE8: 100_000_000n, expirySeconds: 40 * day, charges } as const;

/** Two coins with options and a dollar, as the generator would stress them. */
export const market: RiskMarket = {
  nowSeconds: 10 * day,
  volatilityTerm: standardVolatilityTerm,
  maintenanceBps: 6000,
  scenarios: {
    underlyings: ["BTC", "ETH", "USDC"],
    priceShocksBps: [
      [0, 0, 0],
      [-1000, -1300, 0],
      [-1000, -1300, 0],
      [1000, 1300, 0],
      [1000, 1300, 0],
      [-300, -400, 0],
      [500, -650, 0],
      [-500, 650, 0],
      [0, 0, -1300],
    ].flat(),
    volatilityShocksBps: [0, 4000, -2500, 4000, -2500, 0, 4000, 4000, 4000].flatMap((shock) => [shock, shock, 0]),
  },
  underlyings: new Map([
    [
      "BTC",
      {
        priceE8: 70_000_00000000n,
        multiplierBps: 10_000n,
        feed: calmFeed,
        depthE8: 50_000_000_00000000n,
        basisRateE8: 4_000_000n,
        discountRateE8: 0n,
        volatilityBps: 10_000n,
        surface: {
          slices: [
            { expirySeconds: 100 * day, atTheMoneyE8: 55_000_000n, skewE8: -40_000_000n, curvatureE8: 200_000_000n },
          ],
        },
      },
    ],
    [
      "ETH",
      {
        priceE8: 2_100_12345678n,
        multiplierBps: 12_000n,
        feed: calmFeed,
        depthE8: 9_000_000_00000000n,
        basisRateE8: 0n,
        discountRateE8: 0n,
        volatilityBps: 10_000n,
      },
    ],
    [
      "USDC",
      {
        priceE8: 99_990_000n,
        multiplierBps: 10_000n,
        feed: calmFeed,
        basisRateE8: 0n,
        discountRateE8: 0n,
        volatilityBps: 10_000n,
      },
    ],
  ]),
  assets: new Map([
    ["USDC", { underlying: "USDC", decimals: 6, haircutBps: 100 }],
    ["WETH", { underlying: "ETH", decimals: 18, haircutBps: 800, depthE8: 5_000_00000000n }],
  ]),
  instruments: new Map<string, MarketInstrument>([
    [
      "BTC-PERP",
      { kind: "perpetual", underlying: "BTC", multiplierE8: 100_000_000n, charges, fundingE8: 12_34567890n },
    ],
    ["ETH-PERP", { kind: "perpetual", underlying: "ETH", multiplierE8: 100_000_000n, charges }],
    ["BTC-FUT", { kind: "future", underlying: "BTC", multiplierE8: 10_000_000n, expirySeconds: 40 * day, charges }],
    ["BTC-80-C", { ...call, underlying: "BTC", strikeE8: 80_000_00000000n }],
    ["BTC-60-P", { ...call, kind: "put", underlying: "BTC", strikeE8: 60_000_00000000n }],
  ]),
};

const chains = ["alder", "birch", "cedar"];

/** Any account with positions on up to three chains, collateral on the first, and entry prices near the marks. */
export const accounts: fc.Arbitrary<RiskAccount> = fc
  .record({
    usdc: fc.bigInt({ min: 0n, max: 200_000_000_000n }),
    weth: fc.bigInt({ min: 0n, max: 10n ** 20n }),
    cash: fc.array(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), { minLength: 3, maxLength: 3 }),
    held: fc.uniqueArray(
      fc.record({
        chain: fc.constantFrom(...chains),
        instrument: fc.constantFrom(...market.instruments.keys()),
        size: fc.bigInt({ min: -500_000_000n, max: 500_000_000n }),
      }),
      { maxLength: 6, selector: ({ chain, instrument }) => `${chain}/${instrument}` },
    ),
  })
  .map(({ usdc, weth, cash, held }) => ({
    chains: chains.map((chain, index) => {
      const positions = held.filter((one) => one.chain === chain);
      // Roughly what they cost, so that an account is neither rich nor ruined by its positions alone.
      const cost = positions.reduce((sum, { instrument, size }) => sum + size * entryPrice(instrument), 0n);
      return {
        chain,
        cash: (cash[index] ?? 0n) - cost,
        positions: positions.map(({ instrument, size }) => ({ instrument, size })),
        collateral:
          index > 0
            ? []
            : [
                { asset: "USDC", amount: usdc },
                { asset: "WETH", amount: weth },
              ],
      };
    }),
  }));

function entryPrice(instrument: string): bigint {
  return { "BTC-PERP": 70_000n, "ETH-PERP": 2_100n, "BTC-FUT": 7_000n, "BTC-80-C": 1_500n }[instrument] ?? 1_200n;
}
