import { z } from "zod";
import { RiskError } from "../errors.ts";
import { validateScenarioSet } from "../scenarios.ts";
import { calmFeed } from "../shocks/feed-stress.ts";
import { standardVolatilityTerm } from "../shocks/volatility-term.ts";
import type { VolatilitySurface } from "../volatility/surface.ts";
import { validateVolatilitySurface } from "../volatility/validate-surface.ts";
import type { Change } from "../what-if/change.ts";
import type { TradeKind } from "../what-if/trade-search.ts";
import { amountOf, changeSchema, E8, instants, tradeKindSchema } from "./json-fields.ts";
import type { RiskAccount, RiskMarket } from "./market.ts";

/** A file or request that describes no account in no market, or no volatility surface. */
export class InvalidSituation extends RiskError {
  constructor(problem: string, options?: ErrorOptions) {
    super(
      "INVALID_SITUATION",
      `The file cannot be read: ${problem}.`,
      "Give JSON as docs/RISK.md describes it (What-if, Volatility surface): decimals as strings or numbers, names that are defined in the same file.",
      options,
    );
  }
}

const bps = z.int();
const feedSchema = z.strictObject({
  widenBps: z.int().min(10_000).transform(BigInt),
  addBps: z.int().min(0),
  reduceOnly: z.boolean().default(false),
});
const sliceSchema = z
  .strictObject({ expiry: instants, atTheMoney: E8, skew: E8, curvature: E8 })
  .transform(({ expiry, atTheMoney, skew, curvature }) => ({
    expirySeconds: expiry,
    atTheMoneyE8: atTheMoney,
    skewE8: skew,
    curvatureE8: curvature,
  }));
const expirySchema = z
  .strictObject({ expiry: instants, basisRate: E8.default(0n), discountRate: E8.default(0n) })
  .transform(({ expiry, basisRate, discountRate }) => {
    return [expiry, { basisRateE8: basisRate, discountRateE8: discountRate }] as const;
  });
const underlyingSchema = z
  .strictObject({
    price: E8,
    multiplierBps: z.int().min(1).default(10_000),
    feed: feedSchema.default(calmFeed),
    depth: E8.optional(),
    basisRate: E8.default(0n),
    discountRate: E8.default(0n),
    expiries: z.array(expirySchema).default([]),
    surface: z.array(sliceSchema).optional(),
    volatilityBps: z.int().min(1).default(10_000),
  })
  .transform(({ price, multiplierBps, feed, depth, basisRate, discountRate, expiries, surface, volatilityBps }) => ({
    priceE8: price,
    multiplierBps: BigInt(multiplierBps),
    feed,
    ...(depth === undefined ? {} : { depthE8: depth }),
    basisRateE8: basisRate,
    discountRateE8: discountRate,
    expiries: new Map(expiries),
    ...(surface === undefined ? {} : { surface: { slices: surface } }),
    volatilityBps: BigInt(volatilityBps),
  }));
const assetSchema = z
  .strictObject({
    underlying: z.string(),
    decimals: z.int().min(0).max(36),
    haircutBps: bps.min(0).max(10_000),
    depth: E8.optional(),
  })
  .transform(({ depth, ...asset }) => ({ ...asset, ...(depth === undefined ? {} : { depthE8: depth }) }));
const chargesSchema = z.strictObject({
  spreadBps: bps.min(0).default(0),
  basisBpsAYear: bps.min(0).default(0),
  mostBasisBps: bps.min(0).default(0),
  shortMinimumBps: bps.min(0).default(0),
});
const instrumentSchema = z
  .strictObject({
    kind: z.enum(["perpetual", "future", "call", "put"]),
    underlying: z.string(),
    multiplier: E8.default(100_000_000n),
    strike: E8.optional(),
    expiry: instants.optional(),
    charges: chargesSchema.prefault({}),
    funding: E8.default(0n),
    settlement: E8.optional(),
  })
  .transform(({ kind, underlying, multiplier, strike, expiry, charges, funding, settlement }) => ({
    kind,
    underlying,
    multiplierE8: multiplier,
    ...(strike === undefined ? {} : { strikeE8: strike }),
    ...(expiry === undefined ? {} : { expirySeconds: expiry }),
    charges,
    fundingE8: funding,
    ...(settlement === undefined ? {} : { settlementE8: settlement }),
  }));
const chainSchema = z.strictObject({
  chain: z.string(),
  cash: E8.default(0n),
  positions: z.array(z.strictObject({ instrument: z.string(), size: E8 })).default([]),
  collateral: z.array(z.strictObject({ asset: z.string(), amount: z.union([z.string(), z.number()]) })).default([]),
});
const schema = z.strictObject({
  now: instants,
  maintenanceBps: bps.min(0).max(10_000),
  scenarios: z.strictObject({
    underlyings: z.array(z.string()),
    priceShocksBps: z.array(bps),
    volatilityShocksBps: z.array(bps),
  }),
  underlyings: z.record(z.string(), underlyingSchema),
  assets: z.record(z.string(), assetSchema).default({}),
  instruments: z.record(z.string(), instrumentSchema).default({}),
  account: z.strictObject({ chains: z.array(chainSchema) }),
  changes: z.array(changeSchema).default([]),
  largest: z.array(tradeKindSchema).default([]),
  restore: z.array(tradeKindSchema).optional(),
});

/** An account in its market, with what is asked about it. */
export interface SituationFile {
  readonly market: RiskMarket;
  readonly account: RiskAccount;
  readonly changes: readonly Change[];
  /** Trades whose largest sizes are asked for. */
  readonly largest: readonly TradeKind[];
  /** Trades among which one that restores the account is looked for; absent: what it holds. */
  readonly restore: readonly TradeKind[] | undefined;
}

/**
 * Reads an account as JSON, decimals as strings (exact) or numbers.
 * @throws {InvalidSituation | InvalidScenarioSet}
 * @example parseSituation('{"now":0,"maintenanceBps":6000,"scenarios":{...},"underlyings":{...},"account":{"chains":[]}}').market
 */
export function parseSituation(text: string): SituationFile {
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw new InvalidSituation(z.prettifyError(parsed.error).replaceAll("\n", " "));
  const { now, maintenanceBps, scenarios, account, changes, largest, restore } = parsed.data;
  validateScenarioSet(scenarios);
  const assets = new Map(Object.entries(parsed.data.assets));
  const decimalsOf = (asset: string): number => {
    const decimals = assets.get(asset)?.decimals;
    if (decimals === undefined) throw new InvalidSituation(`there is no asset "${asset}"`);
    return decimals;
  };
  const amount = (asset: string, value: string | number): bigint => {
    const units = amountOf(value, decimalsOf(asset));
    if (units === undefined) throw new InvalidSituation(`"${value}" is no amount of ${asset}`);
    return units;
  };
  return {
    market: {
      nowSeconds: now,
      maintenanceBps,
      scenarios,
      volatilityTerm: standardVolatilityTerm,
      underlyings: new Map(Object.entries(parsed.data.underlyings)),
      assets,
      instruments: new Map(Object.entries(parsed.data.instruments)),
    },
    account: {
      chains: account.chains.map((chain) => ({
        ...chain,
        collateral: chain.collateral.map((item) => ({ asset: item.asset, amount: amount(item.asset, item.amount) })),
      })),
    },
    changes: changes.map((change) =>
      change.kind === "transfer" ? { ...change, amount: amount(change.asset, change.amount) } : change,
    ),
    largest,
    restore,
  };
}

const surfaceFileSchema = z.strictObject({ now: instants, surface: z.array(sliceSchema).min(1) });

/**
 * Reads a volatility surface as JSON, and judges it as of the file's `now`: whoever registers one asks first.
 * @throws {InvalidSituation}
 * @throws {InvalidVolatilitySurface} names the first expiry that could be traded against for nothing, and how.
 * @example parseSurface('{"now":"2026-03-31T23:00Z","surface":[{"expiry":"2026-04-24T08:00Z","atTheMoney":"0.52","skew":"-0.4","curvature":"2"}]}')
 */
export function parseSurface(text: string): VolatilitySurface {
  const parsed = surfaceFileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new InvalidSituation(z.prettifyError(parsed.error).replaceAll("\n", " "));
  const slices = [...parsed.data.surface].sort((a, b) => a.expirySeconds - b.expirySeconds);
  validateVolatilitySurface({ slices }, parsed.data.now);
  return { slices };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidSituation("it is not JSON", { cause });
  }
}
