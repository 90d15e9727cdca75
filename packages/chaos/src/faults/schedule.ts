import { type Random, seededRandom } from "../random.ts";
import { type Fault, type FaultAction, type FaultKind, faultKinds, targetOf } from "./fault.ts";

export interface ScheduleParameters {
  readonly seed: number;
  /** All faults are over by then. */
  readonly durationMs: number;
  readonly operators: number;
  readonly chains: readonly [string, ...string[]];
  readonly endpoints: number;
  /** Blocks that a reorg replaces at most: no more than the chain's finality is deep. */
  readonly finalityDepth: number;
}

/** From one fault's start to the next's. */
const gapMs = { least: 800, most: 4_000 };
/** A killed node takes seconds to be back; a fault that is over before anybody noticed is none. */
const lengthMs = { least: 1_500, most: 12_000 };
/** Tries to find one that nothing else is being done to. */
const mostDraws = 20;

/**
 * Draws a run's faults from its seed. Kinds are drawn like cards from a shuffled deck, so that a run of a minute meets
 * each. Faults overlap, on different targets: two operators may be down at once, or all three, and all chains.
 *
 * @example
 * const faults = drawSchedule({ seed: 42, durationMs: 60_000, operators: 3, chains: ["alder"], endpoints: 2, finalityDepth: 2 });
 */
export function drawSchedule(parameters: ScheduleParameters): Fault[] {
  const random = seededRandom(parameters.seed);
  const faults: Fault[] = [];
  const busyUntil = new Map<string, number>();
  let deck: FaultKind[] = [];
  let atMs = 0;
  for (;;) {
    atMs += random.whole(gapMs.least, gapMs.most);
    const longest = Math.min(lengthMs.most, parameters.durationMs - atMs);
    if (longest < lengthMs.least) return faults;
    if (deck.length === 0) deck = random.shuffle(faultKinds);
    const kind = deck[0] ?? "reorg";
    const action = drawFree(random, kind, parameters, (target) => (busyUntil.get(target) ?? 0) <= atMs);
    if (action === null) continue;
    deck = deck.slice(1);
    const forMs = kind === "reorg" ? 0 : random.whole(lengthMs.least, longest);
    faults.push({ atMs, forMs, action });
    busyUntil.set(targetOf(action), atMs + forMs + settleMs);
  }
}

/** After a fault its target is left alone for so long: a restarted anvil needs a moment to listen. */
const settleMs = 2_000;

function drawFree(
  random: Random,
  kind: FaultKind,
  parameters: ScheduleParameters,
  isFree: (target: string) => boolean,
): FaultAction | null {
  for (let draw = 0; draw < mostDraws; draw++) {
    const action = drawAction(random, kind, parameters);
    if (isFree(targetOf(action))) return action;
  }
  return null;
}

function drawAction(random: Random, kind: FaultKind, parameters: ScheduleParameters): FaultAction {
  const operator = random.whole(0, parameters.operators - 1);
  const chain = random.pick(parameters.chains);
  switch (kind) {
    case "operator-kill":
    case "operator-pause":
      return { kind, operator };
    case "anvil-kill":
    case "anvil-pause":
      return { kind, chain };
    case "reorg":
      return { kind, chain, depth: random.whole(1, parameters.finalityDepth) };
    case "executor-off":
      return { kind };
    default:
      return { kind, operator, chain, endpoint: random.whole(0, parameters.endpoints - 1) };
  }
}
