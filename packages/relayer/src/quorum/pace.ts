import type { Address } from "viem";
import type { Clock } from "../clock.ts";

/** Proposals of one peer that are computed within one epoch interval: twice as many as a leader makes in a turn. */
export const mostPerInterval = 6;

/**
 * How often each peer's proposals are computed and signed. A leader has a turn an interval at most; who proposes without
 * end would have every node compute without end, and outstanding epochs pile up until nobody can count them all.
 */
export interface Pace {
  /** Whether one more of a peer's is in order now; counted if so. */
  take(peer: Address): boolean;
}

export function createPace(clock: Clock, intervalMs: number): Pace {
  const taken = new Map<Address, readonly number[]>();
  return {
    take(peer) {
      const now = clock.nowMs();
      // A clock may go back.
      const lately = (taken.get(peer) ?? []).filter((atMs) => Math.abs(now - atMs) < intervalMs);
      const may = lately.length < mostPerInterval;
      taken.set(peer, may ? [...lately, now] : lately);
      return may;
    },
  };
}
