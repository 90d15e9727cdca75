/** Of how many times as long everybody waits at most. */
export const mostTimes = 8;

/**
 * How long a node waits for others, beside what is usual. On machines or wires so slow that a proposal takes longer than a
 * leader's time, each next leader would step in before the one before it can succeed, and every epoch that failed is one
 * more to fetch and to count. So whoever led in vain until its time was up waits twice as long the next time, as replicas
 * of PBFT do (Castro and Liskov, OSDI 1999, section 4.5.2), up to eight times; an attested epoch halves it again.
 */
export interface Patience {
  /** A wait of so many milliseconds, as long as it is to be now. */
  stretch(ms: number): number;
  grow(): void;
  shrink(): void;
}

/** Waits as long as usual, to begin with. */
export function createPatience(): Patience {
  let times = 1;
  return {
    stretch: (ms) => ms * times,
    grow() {
      times = Math.min(2 * times, mostTimes);
    },
    shrink() {
      times = Math.max(times / 2, 1);
    },
  };
}
