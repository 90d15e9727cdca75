import type { Address } from "viem";
import { notYetWell, tidyUp } from "./calm.ts";
import { movePrices, wreakHavoc } from "./chaos.ts";
import { withCrash, withLiquidations } from "./crash.ts";
import { Violation } from "./errors.ts";
import type { Liar } from "./liar.ts";
import { epochIntervalMs, type Operator } from "./operator.ts";
import { afterOutageMs, withOutage } from "./outage.ts";
import { currentSet, rotationEndsMs, withRotation } from "./rotation.ts";
import type { Surroundings } from "./surroundings.ts";
import { actOfTrader, firstDeposits } from "./traders.ts";

const chaosMs = 16_000;
/** Epochs until all must be well again: what cannot be agreed on expires first, and that takes ten of them. */
const mostEpochsToRecover = 30;

/** Does something again and again until told that it is over. */
function every(around: Surroundings, meanMs: number, going: () => boolean, act: () => void): void {
  const next = () =>
    around.scheduler.after(meanMs / 2 + around.random.below(meanMs), () => {
      if (!going()) return;
      act();
      next();
    });
  next();
}

/** Everything that can go wrong does. */
export async function chaos(
  around: Surroundings,
  operators: readonly Operator[],
  liars: ReadonlyMap<Address, Liar>,
  check: () => void,
): Promise<void> {
  const { scheduler, mempools, random, faults, world, membership } = around;
  for (const mempool of mempools.values()) every(around, 450, () => true, mempool.mine);
  firstDeposits(around);
  const first = membership.sets[0]?.set.members ?? [];
  for (const operator of operators.slice(0, first.length)) {
    scheduler.after(random.below(1_500), () => operator.start());
  }
  const going = () => faults.active;
  every(around, 90, going, () => actOfTrader(around));
  every(around, 250, going, () => wreakHavoc(around, operators, currentSet(around)));
  const { prices, leaping, outage, leaving, rotates, rotating } = world;
  if (prices !== "fixed") every(around, 700, going, () => movePrices(around));
  const crash = prices === "crashing" ? withCrash : prices === "leaping" ? withLiquidations : null;
  crash?.(around, leaping, (meanMs, act) => every({ ...around, random: leaping }, meanMs, going, act));
  for (const operator of operators) {
    const liar = liars.get(operator.address);
    if (liar === undefined) continue;
    every(around, 700, going, () => {
      const context = operator.context();
      if (context !== null) liar.lie(context);
    });
  }
  if (outage !== null) withOutage(around, outage, leaving, (meanMs, act) => every(around, meanMs, going, act));
  if (rotates) {
    withRotation(around, operators, rotating, (meanMs, act) =>
      every({ ...around, random: rotating }, meanMs, going, act),
    );
  }
  const plainEndMs = outage === null ? scheduler.nowMs() + chaosMs : outage.endsMs + afterOutageMs;
  const endMs = rotates ? Math.max(plainEndMs, rotationEndsMs(membership)) : plainEndMs;
  await scheduler.runUntil(endMs, check);
}

/**
 * No more faults, but operators stay away, as many as the quorum can do without, and liars first.
 *
 * @returns epoch intervals until all was well.
 * @throws Violation after `mostEpochsToRecover`.
 */
export async function calm(
  around: Surroundings,
  operators: readonly Operator[],
  liars: ReadonlyMap<Address, Liar>,
  { check, down }: { readonly check: () => void; readonly down: number },
): Promise<number> {
  const { scheduler, faults, random, chains, network, world, membership, trace } = around;
  const start = scheduler.nowMs();
  const epochMs = epochIntervalMs + world.answersAfterMs;
  faults.active = false;
  const members = membership.sets.at(-1)?.set.members ?? [];
  const rank = ({ address }: Operator) => Number(members.includes(address)) * (1 + Number(liars.has(address)));
  const away = [...operators].sort((a, b) => rank(b) - rank(a));
  const honestAway = random.below(down + 1);
  for (const [index, operator] of away.entries()) {
    operator.quartz = { offsetMs: 0, rate: 1, setAtMs: start };
    for (const index of operator.indexes.values()) Object.assign(index, { lagMs: 100, halted: false });
    for (const other of operators) network.cut(operator.address, other.address, start);
    if (index < honestAway) operator.crash();
    else operator.start();
  }
  for (const chain of chains.values()) {
    chain.haltUntil(start);
    chain.spikeUntil(start);
    chain.setClockBehind(0);
  }
  trace(`faults stop; ${honestAway} operators stay away`);
  for (let epochs = 1; epochs <= mostEpochsToRecover; epochs++) {
    tidyUp(around);
    await scheduler.runUntil(start + epochs * epochMs, check);
    if (notYetWell(around, start) === null) return epochs;
  }
  throw new Violation(`${mostEpochsToRecover} epochs after the last fault ${notYetWell(around, start)}`);
}
