import type { Random } from "@plimsoll/protocol/simulation/random";
import type { OperatorSet } from "../src/quorum/chainView.ts";
import { checkRotation } from "../src/quorum/rules.ts";
import type { Membership, PlannedSet } from "./membership.ts";
import type { Operator } from "./operator.ts";
import { broadcastTransaction, setOperatorsTransaction } from "./operatorSets.ts";
import { hubEid } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";
import { lifetimeSeconds } from "./view.ts";

/** What follows the last of the sets, or the wait that it needs: traders go on, and race what both sets attested. */
const afterRotationMs = 5_000;

/** When a world in which sets change may end at the earliest. */
export function rotationEndsMs({ sets }: Membership): number {
  const last = sets.at(-1);
  const replaced = sets.slice(0, -1).map(({ set }, index) => {
    const atMs = sets[index + 1]?.atMs ?? 0;
    return { ...set, replacedAtSeconds: Math.ceil(atMs / 1000), lifetimeSeconds };
  });
  const settling = last && checkRotation(last.set, replaced, 0);
  const settledMs = settling?.code === "rotation-settling" ? settling.untilSeconds * 1000 : 0;
  return Math.max(last?.atMs ?? 0, settledMs) + afterRotationMs;
}

/** The set in force, by the registry's newest block. */
export const currentSet = ({ chains }: Pick<Surroundings, "chains">) =>
  chains.get(hubEid)?.head().state.registry.at(-1)?.set;

/** Who keeps the registry: names the next set once its time has come, again where a reorg took it. */
function nameNext({ chains, faults, scheduler, trace }: Surroundings, planned: readonly PlannedSet[]): void {
  const hub = chains.get(hubEid);
  const next = planned[hub?.head().state.registry.length ?? 0];
  if (next === undefined || scheduler.nowMs() < next.atMs) return;
  trace("fault: rotation");
  if (hub?.mine(setOperatorsTransaction(next.set))) faults.count("rotation");
}

/** Anybody may pay for it, and again where a message was lost. */
export function broadcastSets({ chains }: Surroundings): void {
  const hub = chains.get(hubEid);
  const newest = hub?.head().state.registry.length ?? 0;
  for (const [eid, chain] of chains) {
    if (eid !== hubEid && chain.head().state.operators.current.id < newest) hub?.mine(broadcastTransaction(eid));
  }
}

/**
 * For some seconds a quorum of the former set, if it can be had with who leaves it, and all others do not reach each other, and
 * the former see the hub late: what either side attests, the other knows nothing of. Liars have lines to everybody.
 */
function split(around: Surroundings, operators: readonly Operator[], before: OperatorSet, next: OperatorSet): void {
  const { scheduler, random, network, membership, faults, trace } = around;
  const { liars } = membership;
  const leavers = before.members.filter((member) => !next.members.includes(member));
  const stayers = before.members.filter((member) => next.members.includes(member) && !liars.includes(member));
  const former = leavers.filter((member) => !liars.includes(member));
  const lying = before.members.filter((member) => liars.includes(member)).length;
  while (former.length + lying < before.threshold && stayers.length > 0) {
    former.push(...stayers.splice(random.below(stayers.length), 1));
  }
  const forMs = 3_000 + random.below(6_000);
  faults.count("partition");
  trace(`fault: partition: ${former.map((address) => address.slice(0, 6)).join(" ")} reach none of the others`);
  for (const { address, indexes } of operators) {
    if (liars.includes(address)) continue;
    if (!former.includes(address)) {
      for (const one of former) network.cut(one, address, scheduler.nowMs() + forMs);
      continue;
    }
    const index = indexes.get(hubEid);
    if (index === undefined) continue;
    index.lagMs = 1_000 + random.below(3_000);
    scheduler.after(forMs, () => {
      index.lagMs = 100;
    });
  }
}

/** Drawn from a random sequence of its own, so that worlds without it are what they would be. */
export function withRotation(
  around: Surroundings,
  operators: readonly Operator[],
  random: Random,
  every: (meanMs: number, act: () => void) => void,
): void {
  const { scheduler, membership, oracle, trace } = around;
  const { sets } = membership;
  for (const [index, next] of sets.entries()) {
    const before = sets[index - 1];
    if (before === undefined || random.chance(0.3)) continue;
    const aheadMs = random.below(1_500);
    const act = () => split({ ...around, random }, operators, before.set, next.set);
    scheduler.after(next.atMs - scheduler.nowMs() - aheadMs, act);
  }
  every(300, () => nameNext(around, sets));
  every(1_500, () => broadcastSets(around));
  for (const operator of operators) {
    const joins = sets.find(({ set }) => set.members.includes(operator.address));
    // Some are ready before the registry names them, some long after.
    if (joins !== undefined && joins !== sets[0]) {
      scheduler.after(joins.atMs - scheduler.nowMs() - 2_000 + random.below(4_000), () => operator.start());
    }
  }
  const isNeeded = ({ address }: Operator) => sets.at(-1)?.set.members.includes(address) ?? false;
  const leavers = operators.filter((operator) => !isNeeded(operator) && random.chance(0.5));
  every(2_000, () => {
    // Once those who took over have signed, and not before: they may lack what only the others have.
    if (oracle.attested.every(({ header }) => header.operatorSetId < sets.length)) return;
    for (const leaver of leavers.splice(0, 1)) {
      trace(`${leaver.address.slice(0, 6)} is switched off for good`);
      leaver.retire();
    }
  });
}
