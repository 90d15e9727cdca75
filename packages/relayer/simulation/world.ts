import { makeRandom, type Random } from "@plimsoll/protocol/simulation/random";
import type { Composition, Quorum } from "./composition.ts";
import type { FaultKind } from "./faults.ts";
import { firstMembership, type Membership, type Rotations, withRotations } from "./membership.ts";
import { drawOutage, type Outage } from "./outage.ts";

/** Operators, signatures needed, and liars: fewer than 2k - n, which is what two quorums have in common. */
const quorums: readonly Quorum[] = [
  { members: 3, threshold: 2, liars: 0 },
  { members: 3, threshold: 2, liars: 0 },
  { members: 4, threshold: 3, liars: 1 },
  { members: 4, threshold: 3, liars: 1 },
  { members: 5, threshold: 3, liars: 0 },
  { members: 5, threshold: 4, liars: 2 },
];

/** Of which kind a world is: worlds that lack something reach further in the rest. */
export interface World {
  readonly membership: Membership;
  /** Whether its sets change. */
  readonly rotates: boolean;
  /** What becomes of a rotation. */
  readonly rotating: Random;
  readonly prices: "fixed" | "moving" | "leaping" | "crashing";
  /** What prices that leap do, and those who are sold then. */
  readonly leaping: Random;
  /** Null where operators are never apart for long. */
  readonly outage: Outage | null;
  /** What becomes of an outage. */
  readonly leaving: Random;
  /** How long operators take to answer. */
  readonly answersAfterMs: number;
  readonly knows: (kind: FaultKind) => boolean;
}

const rotations: Rotations = { kinds: ["leave", "join", "exchange", "exchange", "threshold"], most: 3 };
/** `checkRotation` counts on operators' clocks and indexes, and on the hub's finality, to be late by less than a lifetime in all. */
const lackingInRotation = ["clock"];
const faultGroups = ["crash", "message", "index", "clock"];
/** Who is to be sold has to be attested in time: in a crash chains go on, and are seen. */
const lackingInCrash = ["chain-halt", "gas-spike", "index"];

/** @param random of the world; leaps, crashes and outages have sequences of their own, so that worlds without are what they would be. */
export function drawWorld(random: Random, seed: number, composition: Composition, nowMs: number): World {
  const quorum = random.pick(quorums);
  const drawnFixed = random.chance(0.6);
  const lacking = random.chance(0.4) ? random.below(4) : -1;
  const liquidations = makeRandom(Math.imul(seed, 374_761_393));
  const leaps = !drawnFixed && liquidations.chance(0.5);
  const leaving = makeRandom(Math.imul(seed, 668_265_263));
  const drawnApart = leaving.chance(0.2);
  const isApart = composition.outage ?? drawnApart;
  const crashing = makeRandom(Math.imul(seed, 2_246_822_519));
  // Nobody trades before an outage, and nothing that is not held can crash.
  const crashes = crashing.chance(0.15) && !isApart;
  const drawnPrices = crashes ? "crashing" : leaps ? "leaping" : drawnFixed ? "fixed" : "moving";
  const prices = composition.prices ?? drawnPrices;
  const rotating = makeRandom(Math.imul(seed, 3_266_489_917));
  const drawnRotates = rotating.chance(0.25);
  const drawnRotations = composition.rotation ?? (drawnRotates && !isApart ? rotations : null);
  const first = firstMembership(composition.quorum ?? quorum, nowMs);
  const membership = drawnRotations === null ? first : withRotations(rotating, first, nowMs, drawnRotations);
  const rotates = membership.sets.length > 1;
  const lacks = [
    ...(prices === "crashing" ? lackingInCrash : faultGroups.slice(lacking, lacking + 1)),
    ...(rotates ? lackingInRotation : []),
  ];
  return {
    membership,
    rotates,
    rotating,
    prices,
    leaping: prices === "crashing" ? crashing : liquidations,
    outage: isApart ? drawOutage(leaving, nowMs) : null,
    leaving,
    answersAfterMs: composition.answersAfterMs ?? 0,
    knows: (kind) => !lacks.some((group) => kind.startsWith(group)),
  };
}
