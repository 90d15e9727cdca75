import { parseUnits } from "viem";

/** Feeds speak USD with 8 decimals, as Chainlink's do. */
export const feedDecimals = 8;

const day = 24 * 3600;

/** What a risk registry takes at most: a devnet may stand for days between two prices. */
const feedLimits = { freshSeconds: 3 * day, maxAgeSeconds: 7 * day, lastSeconds: 14 * day, widestBps: 20_000 };

/** What is priced, with the price at the beginning: the open of 10 October 2025, 12:00 UTC. Depth in dollars. */
export const underlyings = [
  { name: "BTC", priceE8: parseUnits("121554.55", feedDecimals), depthDollars: 20_000_000_000n },
  { name: "ETH", priceE8: parseUnits("4343.02", feedDecimals), depthDollars: 10_000_000_000n },
  { name: "USDC", priceE8: parseUnits("1", feedDecimals), depthDollars: 20_000_000_000n },
].map(({ name, priceE8, depthDollars }) => ({
  name: name as UnderlyingName,
  priceE8,
  ...feedLimits,
  depthE8: depthDollars * 10n ** 8n,
}));

export type UnderlyingName = "BTC" | "ETH" | "USDC";

/**
 * Shocks follow volatility. Prices are replayed some hundred times faster than they came, so the volatility that the
 * scenarios are meant for is that of an hour of the replay.
 */
export const volatilityPolicy = {
  referenceVolatility: parseUnits("0.12", 8),
  stressedVolatility: 0n,
  floorBps: 10_000,
  capBps: 15_000,
  mostUpBps: 500,
  mostDownBps: 25,
};

const unit = { multiplierE8: 10n ** 8n, strikeE8: 0n, expiryDays: 0, chargeBps: 5 };
const undated = { basisBpsAYear: 0, mostBasisBps: 0, shortMinimumBps: 0 };
const dated = { basisBpsAYear: 200, mostBasisBps: 100, shortMinimumBps: 0 };
const option = { ...unit, ...dated, chargeBps: 10, shortMinimumBps: 100 };

interface Listed {
  readonly name: string;
  readonly kind: "perpetual" | "future" | "call" | "put";
  readonly underlying: UnderlyingName;
  readonly multiplierE8: bigint;
  readonly strikeE8: bigint;
  /** From the devnet's beginning; 0 for perpetuals. */
  readonly expiryDays: number;
  readonly chargeBps: number;
  readonly basisBpsAYear: number;
  readonly mostBasisBps: number;
  readonly shortMinimumBps: number;
}

/** All on one unit of the underlying. */
export const instruments: readonly Listed[] = [
  { ...unit, ...undated, name: "BTC-PERP", kind: "perpetual", underlying: "BTC" },
  { ...unit, ...undated, name: "ETH-PERP", kind: "perpetual", underlying: "ETH" },
  { ...unit, ...dated, name: "BTC-MONTH", kind: "future", underlying: "BTC", expiryDays: 30 },
  { ...option, name: "BTC-MONTH-130K-C", kind: "call", underlying: "BTC", expiryDays: 30, strikeE8: dollars(130_000) },
  { ...option, name: "BTC-MONTH-110K-P", kind: "put", underlying: "BTC", expiryDays: 30, strikeE8: dollars(110_000) },
  { ...option, name: "ETH-WEEK-4300-C", kind: "call", underlying: "ETH", expiryDays: 7, strikeE8: dollars(4_300) },
  { ...option, name: "ETH-WEEK-4000-P", kind: "put", underlying: "ETH", expiryDays: 7, strikeE8: dollars(4_000) },
];

function dollars(amount: number): bigint {
  return BigInt(amount) * 10n ** 8n;
}

/** Rates, and smiles in which puts are dearer: levels about those of October 2025. */
const rates = { basisRate: 5_000_000n, discountRate: 4_000_000n };
export const expiries: readonly {
  underlying: UnderlyingName;
  days: number;
  terms: { basisRate: bigint; discountRate: bigint; atTheMoney: bigint; skew: bigint; curvature: bigint };
}[] = [
  {
    underlying: "BTC",
    days: 30,
    terms: { ...rates, atTheMoney: 42_000_000n, skew: -80_000_000n, curvature: 600_000_000n },
  },
  {
    underlying: "ETH",
    days: 7,
    terms: { ...rates, atTheMoney: 68_000_000n, skew: -70_000_000n, curvature: 800_000_000n },
  },
];

/** Over an hour longs pay shorts the premium of that hour, at most 0.1 %. */
export const funding = { capBps: 10, windowSeconds: 3600, turnoverBps: 100 } as const;

/** What vaults take. Outflow: what may leave at once, and how much more each second. */
export const collateral = [
  {
    symbol: "USDC",
    title: "USD Coin",
    decimals: 6,
    underlying: "USDC",
    haircutBps: 50,
    depthE8: parseUnits("2000000000", 8),
    outflowCapacity: parseUnits("5000000", 6),
    outflowRefillPerSecond: parseUnits("1000", 6),
    traderBalance: parseUnits("5000000", 6),
  },
  {
    symbol: "WETH",
    title: "Wrapped Ether",
    decimals: 18,
    underlying: "ETH",
    haircutBps: 1_000,
    depthE8: parseUnits("1000000", 8),
    outflowCapacity: parseUnits("2000", 18),
    outflowRefillPerSecond: parseUnits("1", 18),
    traderBalance: parseUnits("1000", 18),
  },
] as const satisfies readonly { underlying: UnderlyingName; [field: string]: unknown }[];

export const marginParameters = {
  maintenanceBps: 7_000,
  bufferBps: 1_000,
  stickyBps: 300,
  maxLeverage: 15,
  attestationLifetimeSeconds: 120,
} as const;
