import type { Random } from "@plimsoll/protocol/simulation/random";
import { type Address, keccak256, toHex } from "viem";
import type { OperatorSet } from "../src/quorum/chainView.ts";
import type { Quorum } from "./composition.ts";

/** A set that the registry's owner names, and when. */
export interface PlannedSet {
  readonly set: OperatorSet;
  readonly atMs: number;
}

/** Who the operators of a world are. */
export interface Membership {
  /** In the order of their numbers; the first is in force from the beginning. */
  readonly sets: readonly PlannedSet[];
  readonly liars: readonly Address[];
  /** All machines: members of any set, those of the first before who joins. */
  readonly machines: readonly Address[];
}

/** As `OperatorSetRules.LEAST_MEMBERS`; the most is what a world has time for. */
const [leastMembers, mostMembers] = [2, 6];

const machine = (index: number): Address => keccak256(toHex(`${index}`)).slice(0, 42) as Address;

export function firstMembership({ members, threshold, liars }: Quorum, nowMs: number): Membership {
  const sorted = Array.from({ length: members }, (_, index) => machine(index)).sort();
  return {
    sets: [{ set: { id: 1, threshold, members: sorted }, atMs: nowMs }],
    liars: sorted.slice(0, liars),
    machines: sorted,
  };
}

/** What an owner does to a set. After an exchange, two quorums may be strangers to each other. */
type RotationKind = "leave" | "join" | "exchange" | "threshold";

/** What may happen to a set, and how often at most. */
export interface Rotations {
  readonly kinds: readonly RotationKind[];
  readonly most: number;
}

type Change = Pick<OperatorSet, "threshold" | "members">;

function changed(
  random: Random,
  kind: RotationKind,
  { threshold, members }: OperatorSet,
  { joiner, liars }: { readonly joiner: Address; readonly liars: readonly Address[] },
): Change {
  const without = (leaver: Address) => members.filter((member) => member !== leaver);
  switch (kind) {
    case "leave":
      // As `OperatorRegistry.removeMember` when a bond was taken.
      return {
        members: without(random.pick(members)),
        threshold: threshold < members.length ? threshold : threshold - 1,
      };
    case "join":
      return { members: [...members, joiner].sort(), threshold: threshold + random.below(2) };
    case "exchange": {
      // Liars in both sets are the worst.
      const leaver = random.pick(members.filter((member) => !liars.includes(member)));
      return { members: [...without(leaver), joiner].sort(), threshold };
    }
    default:
      return { members, threshold: threshold + (random.chance(0.5) ? 1 : -1) };
  }
}

/** As `OperatorSetRules.check`, and with no more liars than any two of its quorums have honest members to spare. */
function isSound({ threshold, members }: Change, liars: readonly Address[]): boolean {
  const count = members.length;
  const lying = members.filter((member) => liars.includes(member)).length;
  const isMajority = 2 * threshold > count && threshold <= count;
  return count >= leastMembers && count <= mostMembers && isMajority && lying <= 2 * threshold - count - 1;
}

/** Some further sets, each a change of the one before it, some seconds apart. Who joins is honest. */
export function withRotations(
  random: Random,
  first: Membership,
  nowMs: number,
  { kinds, most }: Rotations,
): Membership {
  const sets = [...first.sets];
  const machines = [...first.machines];
  let atMs = nowMs + 3_000 + random.below(4_000);
  for (let left = 1 + random.below(most); left > 0; left--) {
    const before = sets.at(-1)?.set;
    if (before === undefined) break;
    const joiner = machine(machines.length);
    const next = changed(random, random.pick(kinds), before, { joiner, liars: first.liars });
    if (!isSound(next, first.liars)) continue;
    if (next.members.includes(joiner)) machines.push(joiner);
    sets.push({ set: { id: before.id + 1, ...next }, atMs });
    atMs += 500 + random.below(6_000);
  }
  return { ...first, sets, machines };
}
