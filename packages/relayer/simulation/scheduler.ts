/** Virtual time: events in order of time, and of their making where that is equal. */
export interface Scheduler {
  /** Milliseconds of the one true time; no operator's clock shows it. */
  readonly nowMs: () => number;
  readonly steps: () => number;
  /** Runs an event `delayMs` from now. */
  after(delayMs: number, run: () => unknown): void;
  /** Runs events up to a moment. `check` runs after each, when all that it set going waits for another event. */
  runUntil(endMs: number, check: () => void): Promise<void>;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => unknown;
}

const isBefore = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** The event loop's next round: every promise that could settle has settled by then. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createScheduler(startMs: number): Scheduler {
  const heap: Event[] = [];
  let now = startMs;
  let order = 0;
  let steps = 0;

  const push = (event: Event) => {
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  };
  const pop = (): Event | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child++;
      const least = heap[child];
      if (least === undefined || !isBefore(least, last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
    return first;
  };

  return {
    nowMs: () => now,
    steps: () => steps,
    after: (delayMs, run) => push({ atMs: now + Math.max(0, delayMs), order: order++, run }),
    async runUntil(endMs, check) {
      for (;;) {
        const next = heap[0];
        if (next === undefined || next.atMs > endMs) break;
        pop();
        now = next.atMs;
        steps++;
        next.run();
        await settled();
        check();
      }
      now = endMs;
    },
  };
}
