import { agedMarket, startPrices, volatile } from "@plimsoll/protocol/simulation/market";
import type { Random } from "@plimsoll/protocol/simulation/random";
import { feedTransaction } from "./contracts.ts";
import { hubEid, type State } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";
import { gamble, sell } from "./traders.ts";

/** Older than prices may be for anybody to be liquidated at them, and younger than takes the instruments' leaves. Seconds. */
const inDoubtSeconds = 75;

/** A price that leaps to a part of what it was: whoever holds much is liquidated, or insolvent. */
function leap(random: Random, { chains, trace }: Surroundings, toBps: number, ageSeconds: number): void {
  const id = random.pick(volatile);
  const bps = BigInt(toBps);
  trace(`a price leaps to ${Number(bps) / 100} %${ageSeconds > 0 ? ", and its feed falls silent" : ""}`);
  const change = (market: State["market"]): State["market"] => {
    const start = startPrices.get(id) ?? 1n;
    const moved = ((market.pricesE8.get(id) ?? start) * bps) / 10_000n;
    const kept = 3n * moved < start || moved > 3n * start ? start : moved;
    return agedMarket({ ...market, pricesE8: new Map(market.pricesE8).set(id, kept) }, id, ageSeconds);
  };
  chains.get(hubEid)?.mine(feedTransaction("feed", change));
}

// Drawn from random sequences of their own, so that other worlds are what they are without.

/** Now and then a price leaps and somebody takes as large a position as can be taken; books are sold. */
export function withLiquidations(
  around: Surroundings,
  random: Random,
  every: (meanMs: number, act: () => void) => void,
): void {
  const own = { ...around, random };
  every(3_500, () => leap(random, own, 5_000 + random.below(10_001), 0));
  every(400, () => gamble(random, own));
  every(60, () => sell(random, own));
}

/**
 * A crash: everybody holds as much as can be held, nobody pays away on purpose what a leap can take, and prices leap as often as
 * operators agree on an epoch. One leap in four is the last that its feed says for a while.
 */
export function withCrash(
  around: Surroundings,
  random: Random,
  every: (meanMs: number, act: () => void) => void,
): void {
  const own = { ...around, random };
  every(2_500, () =>
    leap(random, own, random.pick([6_000, 7_500, 13_000, 17_000]), random.chance(0.25) ? inDoubtSeconds : 0),
  );
  every(120, () => gamble(random, own));
  every(60, () => sell(random, own));
}
