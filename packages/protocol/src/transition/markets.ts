import { nextMultiplierBps } from "@plimsoll/risk/multiplier/margin-multiplier";
import { type FeedStress, feedStress } from "@plimsoll/risk/shocks/feed-stress";
import { stressedShocks, type UnderlyingShocks } from "@plimsoll/risk/shocks/stressed-shocks";
import { type Epoch, instrumentStatus } from "../epoch.ts";
import { feedVolatilityRule } from "../feed-volatility-rule.ts";
import type { UnderlyingId } from "../ids.ts";
import type { HubState, Underlying } from "../state.ts";

/** How far a feed's last answer can be relied on: its instruments are tradable, reduce-only, or have no leaf. */
export type FeedTrust = "fresh" | "reduce-only" | "none";

/** An underlying as everything that rests on it is valued today. */
export interface UnderlyingMarket {
  readonly priceE8: bigint;
  readonly trust: FeedTrust;
  /** The volatility multiplier in force; the widening for age is not in it. */
  readonly stressBps: number;
  /** The registered moves, times the multiplier, widened for the answer's age. */
  readonly shocks: UnderlyingShocks;
}

/** Those that have a price and a column in the scenario set. */
export type Markets = ReadonlyMap<UnderlyingId, UnderlyingMarket>;

/**
 * Every underlying's price and shocks in force.
 *
 * @param nowSeconds By which answers are old: the later of the hub's clock and the operators'.
 * @param earlier Ascending. The newest of them that tells an underlying's multiplier is where its step starts from.
 */
export function underlyingMarkets(hub: HubState, nowSeconds: number, earlier: readonly Epoch[]): Markets {
  const { risk } = hub;
  const markets = new Map<UnderlyingId, UnderlyingMarket>();
  for (const [id, underlying] of risk.underlyings) {
    const price = hub.prices.get(id);
    if (price === undefined || price.priceE8 <= 0n || !risk.scenarios.underlyings.includes(id)) continue;
    const ageSeconds = nowSeconds - price.updatedAtSeconds;
    const condition = feedCondition(underlying, ageSeconds);
    const stressBps = multiplierBps(hub, id, earlier);
    markets.set(id, {
      priceE8: price.priceE8,
      trust: ageSeconds > underlying.lastSeconds ? "none" : condition.reduceOnly ? "reduce-only" : "fresh",
      stressBps: Number(stressBps),
      shocks: stressedShocks(risk.scenarios, id, stressBps, condition),
    });
  }
  return markets;
}

/** How far shocks are widened for an answer of that age. */
export function feedCondition({ freshSeconds, maxAgeSeconds, widestBps }: Underlying, ageSeconds: number): FeedStress {
  const limits = { freshSeconds, reduceOnlySeconds: maxAgeSeconds, widestBps, mostUncertaintyBps: 0 };
  return feedStress({ ageSeconds: Math.max(0, ageSeconds), uncertaintyBps: 0 }, limits);
}

/**
 * The multiplier of an underlying's shocks: a step from the newest earlier epoch that tells one, towards what its feed's
 * volatility asks for. Which earlier epochs there are is part of a proposal, so every operator takes the same step.
 */
function multiplierBps(hub: HubState, id: UnderlyingId, earlier: readonly Epoch[]): bigint {
  const policy = hub.risk.volatility.get(id);
  if (policy === undefined) return 10_000n;
  const { referenceVolatilityE8, stressedVolatilityE8, floorBps, capBps, mostUpBps, mostDownBps } = policy;
  return nextMultiplierBps(BigInt(previousBps(hub, id, earlier)), hub.volatility.get(id), {
    ...feedVolatilityRule,
    referenceVolatilityE8,
    stressedVolatilityE8,
    floorBps: BigInt(floorBps),
    capBps: BigInt(capBps),
    mostUpBps: BigInt(mostUpBps),
    mostDownBps: BigInt(mostDownBps),
  });
}

/** What was in force last; 10000 where no earlier epoch tells, which is what the set was registered for. */
function previousBps(hub: HubState, id: UnderlyingId, earlier: readonly Epoch[]): number {
  for (let index = earlier.length - 1; index >= 0; index--) {
    for (const [instrument, { status, stressBps }] of earlier[index]?.instruments ?? []) {
      if (status === instrumentStatus.settled) continue;
      if (hub.risk.instruments.get(instrument)?.underlying === id) return stressBps;
    }
  }
  return 10_000;
}
