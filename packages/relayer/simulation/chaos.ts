import {
  agedMarket,
  fundedMarket,
  perpetuals,
  scenarioSets,
  settledMarket,
  startPrices,
  volatile,
  volatileMarket,
} from "@plimsoll/protocol/simulation/market";
import type { Address } from "viem";
import type { OperatorSet } from "../src/quorum/chainView.ts";
import { finalityDepth } from "./chain.ts";
import { feedTransaction } from "./contracts.ts";
import type { Operator } from "./operator.ts";
import { hubEid, type State } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";

/** As the trace calls an operator. */
const nameOf = (address: Address) => address.slice(0, 6);

/** What goes wrong by itself, drawn every few hundred milliseconds. */
export function wreakHavoc(around: Surroundings, operators: readonly Operator[], set: OperatorSet | undefined): void {
  const { random, faults, chains, network, scheduler, world, trace } = around;
  const now = scheduler.nowMs();
  const { members = [], threshold = 0 } = set ?? {};
  const down = operators.filter((one) => one.context() === null && members.includes(one.address)).length;
  // When sets change, operators have to see it in time: the hub goes on, by the true time.
  const mayStall = [...chains.values()].filter(({ eid }) => !world.rotates || eid !== hubEid);
  if (faults.strikes("partition")) {
    const [one, other] = [random.pick(operators), random.pick(operators)];
    network.cut(one.address, other.address, now + random.below(5_000));
    trace(`${nameOf(one.address)} and ${nameOf(other.address)} cannot reach each other`);
  }
  if (faults.strikes("clock-jump")) {
    const { address, quartz } = random.pick(operators);
    quartz.offsetMs += random.below(12_000) - 6_000;
    trace(`${nameOf(address)}'s clock jumps, to ${quartz.offsetMs} ms off`);
  }
  if (faults.strikes("clock-drift")) {
    const operator = random.pick(operators);
    operator.quartz = { offsetMs: operator.quartz.offsetMs, rate: 0.8 + 0.4 * random.unit(), setAtMs: now };
    trace(`${nameOf(operator.address)}'s clock runs ${operator.quartz.rate.toFixed(2)} times as fast as time`);
  }
  if (faults.strikes("index-lag")) {
    const operator = random.pick(operators);
    const [eid, index] = random.pick([...operator.indexes]);
    index.lagMs = random.below(4_000);
    trace(`${nameOf(operator.address)} sees chain ${eid} ${index.lagMs} ms late`);
    scheduler.after(random.below(6_000), () => {
      index.lagMs = 100;
    });
  }
  if (faults.strikes("index-halted")) {
    const operator = random.pick(operators);
    const [eid, index] = random.pick([...operator.indexes]);
    index.halted = true;
    trace(`${nameOf(operator.address)} follows chain ${eid} no more: its endpoints disagree`);
    scheduler.after(random.below(6_000), () => {
      index.halted = false;
    });
  }
  if (faults.strikes("operator-down") && down < members.length - threshold) {
    const operator = random.pick(operators);
    trace(`${nameOf(operator.address)} goes down`);
    operator.crash();
  }
  if (faults.strikes("chain-halt")) {
    const chain = random.pick(mayStall);
    const forMs = random.below(random.chance(0.2) ? 16_000 : 8_000);
    chain.haltUntil(now + forMs);
    trace(`chain ${chain.eid} halts for ${forMs} ms`);
  }
  if (faults.strikes("chain-clock-behind")) {
    const chain = random.pick(mayStall);
    const behindMs = random.below(8_000);
    chain.setClockBehind(behindMs);
    trace(`chain ${chain.eid}'s clock falls ${behindMs} ms behind`);
    scheduler.after(random.below(8_000), () => chain.setClockBehind(0));
  }
  if (faults.strikes("gas-spike")) {
    const chain = random.pick([...chains.values()]);
    const forMs = random.below(14_000);
    chain.spikeUntil(now + forMs);
    trace(`gas on chain ${chain.eid} costs more than operators pay, for ${forMs} ms`);
  }
  if (faults.strikes("reorg")) {
    const chain = random.pick([...chains.values()]);
    if (!chain.isHalted()) chain.reorg(1 + random.below(finalityDepth), () => random.chance(0.3));
  }
}

/** The feeds' next prices: a small move, or a crash. */
export function movePrices(around: Surroundings): void {
  const { random, faults, chains, trace } = around;
  const isCrash = faults.strikes("price-crash");
  const id = random.pick(volatile);
  const bps = isCrash ? 4_000 + random.below(5_000) : 9_900 + random.below(201);
  if (isCrash) trace(`a price falls to ${bps / 100} %`);
  const settlesAt = BigInt(9_500 + random.below(1_001));
  const now = chains.get(hubEid)?.nowSeconds() ?? 0;
  const change = (given: State["market"]): State["market"] => {
    const market = settledMarket(given, now, (priceE8) => (priceE8 * settlesAt) / 10_000n);
    const start = startPrices.get(id) ?? 1n;
    const moved = ((market.pricesE8.get(id) ?? start) * BigInt(bps)) / 10_000n;
    // Prices that wander off for good would end the game.
    const kept = 10n * moved < start || moved > 10n * start ? start : moved;
    return { ...market, pricesE8: new Map(market.pricesE8).set(id, kept) };
  };
  chains.get(hubEid)?.mine(feedTransaction("feed", change));
  if (faults.strikes("feed-silent")) {
    const ageSeconds = random.pick([15, 40, 70, 130]);
    chains.get(hubEid)?.mine(feedTransaction("a feed falls silent", (market) => agedMarket(market, id, ageSeconds)));
    around.scheduler.after(random.below(5_000), () =>
      chains.get(hubEid)?.mine(feedTransaction("a feed speaks again", (market) => agedMarket(market, id, 0))),
    );
  }
  if (random.chance(0.3)) {
    const [perpetual, paidE8] = [random.pick(perpetuals), BigInt(random.below(8e7) - 4e7)];
    chains.get(hubEid)?.mine(feedTransaction("funding", (market) => fundedMarket(market, perpetual, paidE8)));
  }
  if (faults.strikes("volatility-changed")) {
    const volatilityE8 = BigInt(100_000 + random.below(2e6));
    chains.get(hubEid)?.mine(feedTransaction("volatility", (market) => volatileMarket(market, id, volatilityE8)));
  }
  if (faults.strikes("scenarios-changed")) {
    const scenarios = random.pick(scenarioSets);
    chains.get(hubEid)?.mine(feedTransaction("scenarios", (market) => ({ ...market, scenarios })));
  }
}
