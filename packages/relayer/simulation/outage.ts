import type { Random } from "@plimsoll/protocol/simulation/random";
import type { Surroundings } from "./surroundings.ts";
import { leave, raceAhead } from "./traders.ts";

/** Operators hear nothing of each other for longer than an attestation lives and exits take to open. */
export interface Outage {
  readonly startsMs: number;
  readonly endsMs: number;
}

/** What follows it: operators find out what left meanwhile, and traders race them. */
export const afterOutageMs = 8_000;

export function drawOutage(random: Random, nowMs: number): Outage {
  const startsMs = nowMs + 5_000 + random.below(3_000);
  return { startsMs, endsMs: startsMs + 13_000 + random.below(4_000) };
}

/**
 * Exits are for who holds nothing. So nobody trades before the outage: then they race positions under the epochs that let them
 * exit, take some of what these let go once exits open, and try the rest when operators are back and see positions.
 */
export function isQuiet({ scheduler, world: { outage } }: Surroundings): boolean {
  return outage !== null && scheduler.nowMs() < outage.startsMs;
}

/** Drawn from a random sequence of its own, so that other worlds are what they are without it. */
export function withOutage(
  around: Surroundings,
  { startsMs, endsMs }: Outage,
  random: Random,
  every: (meanMs: number, act: () => void) => void,
): void {
  const { scheduler, network, faults, trace } = around;
  const own = { ...around, random };
  scheduler.after(startsMs - scheduler.nowMs(), () => {
    faults.count("operators-apart");
    network.silence(endsMs);
    trace("operators hear nothing of each other");
    every(1_500, () => leave(own));
    every(250, () => {
      if (scheduler.nowMs() > endsMs) raceAhead(own);
    });
  });
}
