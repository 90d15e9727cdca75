/** A seeded source of choices: the same seed gives the same ones. */
export interface Random {
  /** Between 0 and 1, without 1. */
  share(): number;
  /** From `least` to `most`, both possible. */
  whole(least: number, most: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
  shuffle<T>(list: readonly T[]): T[];
}

/**
 * mulberry32 by Tommy Ettinger, in the public domain: 32 bits of state, good enough to choose faults by.
 *
 * @example
 * const random = seededRandom(42);
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const share = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number) => least + Math.floor(share() * (most - least + 1));
  return {
    share,
    whole,
    pick: (list) => list[whole(0, list.length - 1)] ?? list[0],
    shuffle(list) {
      const shuffled = [...list];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = whole(0, last);
        const [a, b] = [shuffled[last], shuffled[other]] as [never, never];
        shuffled[last] = b;
        shuffled[other] = a;
      }
      return shuffled;
    },
  };
}
