/** How many blocks to ask for at once. */
export interface RangeSize {
  readonly blocks: number;
  /** A provider gave so many blocks, with so many logs. */
  accepted(blocks: number, logs: number): void;
  /** A provider refused so many blocks. */
  refused(blocks: number): void;
}

const acceptedBeforeGrowing = 16;
/** A size that was refused again and again is tried once in so many ranges. */
const longestBeforeGrowing = 1_024;
/** A range with more is too long for us: it is held in memory, and written in one piece. */
const logsAtMost = 10_000;

/**
 * Halves at a refusal, and doubles after a while without one: providers limit blocks, logs or time, and few say which. A
 * while is twice as long after each doubling that was refused. Ranges that were asked for together are refused together:
 * what is known to be too long says nothing new.
 *
 * @param most What the configuration allows.
 */
export function rangeSize(most: number): RangeSize {
  let blocks = most;
  let accepted = 0;
  let needed = acceptedBeforeGrowing;
  let isTrying = false;

  const halve = (tooMany: number) => {
    accepted = 0;
    blocks = Math.max(1, tooMany >> 1);
  };
  return {
    get blocks() {
      return blocks;
    },
    accepted(given, logs) {
      if (logs > logsAtMost && given <= blocks) halve(given);
      if (given < blocks || logs > logsAtMost / 2) return;
      accepted++;
      if (accepted >= acceptedBeforeGrowing && isTrying) {
        isTrying = false;
        needed = acceptedBeforeGrowing;
      }
      if (accepted < needed || blocks === most) return;
      accepted = 0;
      isTrying = true;
      blocks = Math.min(most, blocks * 2);
    },
    refused(asked) {
      if (asked > blocks) return;
      if (isTrying) needed = Math.min(needed * 2, longestBeforeGrowing);
      isTrying = false;
      halve(asked);
    },
  };
}
