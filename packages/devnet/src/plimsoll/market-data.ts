import { parseUnits } from "viem";

/** Feeds speak USD with 8 decimals, as Chainlink's do. */
export const feedDecimals = 8;

/** What a risk registry takes at most: a devnet may stand for days between two prices. */
const feedMaxAgeSeconds = 7 * 24 * 3600;

/** What is priced, with the price at the beginning: the open of 10 October 2025, 12:00 UTC. */
export const underlyings = [
  { name: "BTC", priceE8: parseUnits("121554.55", feedDecimals), maxAgeSeconds: feedMaxAgeSeconds },
  { name: "ETH", priceE8: parseUnits("4343.02", feedDecimals), maxAgeSeconds: feedMaxAgeSeconds },
  { name: "USDC", priceE8: parseUnits("1", feedDecimals), maxAgeSeconds: feedMaxAgeSeconds },
] as const;

export type UnderlyingName = (typeof underlyings)[number]["name"];

/** Perpetuals on one unit of the underlying. */
export const instruments = [
  { name: "BTC-PERP", underlying: "BTC", multiplierE8: 10n ** 8n, chargeBps: 5 },
  { name: "ETH-PERP", underlying: "ETH", multiplierE8: 10n ** 8n, chargeBps: 5 },
] as const satisfies readonly { underlying: UnderlyingName; [field: string]: unknown }[];

/** What vaults take. Outflow: what may leave at once, and how much more each second. */
export const collateral = [
  {
    symbol: "USDC",
    title: "USD Coin",
    decimals: 6,
    underlying: "USDC",
    haircutBps: 50,
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
