import { adaptiveLimit, adjustedEveryMs } from "./adaptiveLimit.ts";

/** How fast one endpoint is asked: so many requests a second, so many at once. Never more than it takes, never less than it has to be. */
export interface RequestRate {
  /**
   * Resolves when the request may go out. Whoever has had a turn says how it ended.
   *
   * @param weight How many ordinary requests it is worth, of those that are under way at once.
   * @throws what `signal` was aborted with, where that happened before its turn.
   */
  turn(weight?: number, line?: Line): Promise<Turn>;
  /** Whether a request would go out at once. */
  readonly hasRoom: boolean;
  /** Resolves when it would. */
  room(): Promise<void>;
  /** Requests a second; null while no limit has been met. */
  readonly perSecond: number | null;
  /** Requests that may be under way at once. */
  readonly atOnce: number;
}

/** Where a request waits. */
export interface Line {
  /** The lowest goes first; of equal ones, the one that came first. */
  readonly order: number;
  /** Once it is aborted nobody waits any more. */
  readonly signal?: AbortSignal;
}

/** Before everything that has an order. */
export const firstInLine: Line = { order: Number.NEGATIVE_INFINITY };

/** One request's permission to go out. It ends once, in one of these ways. */
export interface Turn {
  /** The provider answered, be it with an error. */
  answered(): void;
  /** The provider said that it was too much; `retryAfterMs` where it said for how long to wait. */
  limited(retryAfterMs?: number): void;
  /** Nothing came back. */
  unanswered(): void;
}

interface Waiting {
  readonly weight: number;
  readonly line: Line;
  go(): void;
  giveUp(reason: unknown): void;
}

export interface RequestRateOptions {
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** From then on nobody waits: whatever goes out fails at once. */
  readonly stop?: AbortSignal | undefined;
}

const leastPerSecond = 0.5;
const firstAtOnce = 256;
const mostAtOnce = 512;
/** Requests whose time is kept before older ones are forgotten. */
const remembered = 4_096;
/** A timer that fires late makes up for so much. */
const lateAtMostMs = 50;
const defaultPauseMs = 1_000;
const longestPauseMs = 60_000;

/**
 * Both limits are found as TCP finds the width of a line (`adaptiveLimit`). Requests a second: none until the provider says
 * that they come too fast, then half of what was sent in the second before, after as long a pause as it names. Requests at
 * once: half of what was under way when nothing came back.
 */
export function requestRate({ nowMs, sleep, stop }: RequestRateOptions): RequestRate {
  const unlimited = Number.POSITIVE_INFINITY;
  const perSecond = adaptiveLimit({
    nowMs,
    first: unlimited,
    least: leastPerSecond,
    most: unlimited,
    leastIncrease: 0.1,
  });
  const atOnce = adaptiveLimit({ nowMs, first: firstAtOnce, least: 1, most: mostAtOnce, leastIncrease: 8 });
  let waiting: Waiting[] = [];
  let waitingForRoom: (() => void)[] = [];
  let underWay = 0;
  let sent: number[] = [];
  let nextAtMs = 0;
  let pausedUntilMs = 0;
  let isAsleep = false;

  const hasRoom = () => waiting.length === 0 && underWay < atOnce.value;
  const sentLately = (): number => {
    const since = nowMs() - adjustedEveryMs;
    sent = sent.filter((at) => at > since);
    return sent.length;
  };

  function join(one: Waiting): void {
    const before = waiting.findLastIndex(({ line }) => line.order <= one.line.order);
    waiting.splice(before + 1, 0, one);
  }

  function letOut(): void {
    for (const { line, giveUp } of waiting) if (line.signal?.aborted) giveUp(line.signal.reason);
    waiting = waiting.filter(({ line }) => line.signal?.aborted !== true);
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const now = nowMs();
      const waitMs = Math.max(nextAtMs, pausedUntilMs) - now;
      if (waitMs > 0 && stop?.aborted !== true) {
        wakeAfter(waitMs);
        return;
      }
      // One that is heavier than everything that may be under way goes alone.
      if (underWay > 0 && underWay + next.weight > atOnce.value) return;
      waiting.shift();
      underWay += next.weight;
      nextAtMs = Math.max(nextAtMs, now - lateAtMostMs) + 1_000 / perSecond.value;
      sent.push(now);
      if (sent.length > remembered) sentLately();
      next.go();
    }
    if (!hasRoom()) return;
    for (const tell of waitingForRoom) tell();
    waitingForRoom = [];
  }

  function wakeAfter(ms: number): void {
    if (isAsleep) return;
    isAsleep = true;
    void sleep(ms).then(() => {
      isAsleep = false;
      letOut();
    });
  }

  function turnOf(weight: number): Turn {
    const end = () => {
      underWay -= weight;
      letOut();
    };
    return {
      answered() {
        perSecond.raise();
        atOnce.raise();
        end();
      },
      limited(retryAfterMs = defaultPauseMs) {
        pausedUntilMs = Math.max(pausedUntilMs, nowMs() + Math.min(retryAfterMs, longestPauseMs));
        perSecond.lower(Math.max(sentLately(), 1), pausedUntilMs);
        end();
      },
      unanswered() {
        atOnce.lower(underWay);
        end();
      },
    };
  }

  return {
    get perSecond() {
      return Number.isFinite(perSecond.value) ? perSecond.value : null;
    },
    get atOnce() {
      return Math.floor(atOnce.value);
    },
    get hasRoom() {
      return hasRoom();
    },
    turn: (weight = 1, line = firstInLine) =>
      new Promise((resolve, giveUp) => {
        join({ weight, line, giveUp, go: () => resolve(turnOf(weight)) });
        letOut();
      }),
    room: () =>
      new Promise((resolve) => {
        if (hasRoom()) resolve();
        else waitingForRoom.push(resolve);
      }),
  };
}
