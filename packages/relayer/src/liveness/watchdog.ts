import type { ChainStatus } from "@plimsoll/indexer/indexer";
import { exitCodes, RelayerError } from "../errors.ts";

/** Something that should move has not, for longer than is configured. */
export class StalledError extends RelayerError {
  override readonly name = "StalledError";

  constructor(what: string, seconds: number) {
    super(`${what} has not moved for ${Math.floor(seconds)} s.`, {
      code: "stalled",
      hint: "The supervisor starts the process again. If it goes on, see docs/OPERATORS.md.",
      exitCode: exitCodes.restartMe,
    });
  }
}

export interface Watchdog {
  /** The epoch loop went round. */
  beat(): void;
  /** Looks once; what is stalled, or null. */
  look(): Promise<StalledError | null>;
}

/**
 * Tells a node that hangs from a world that stands still. The epoch loop must go round. A chain's index must move as long
 * as the chain does: when it has not for too long, the chain is asked itself, past everything that may hang. A chain whose
 * head stands still too, that nobody can reach, or that is halted until a person has looked at it, is not this
 * process's fault, and a restart would only take the others down. Nor is one whose index waits for the history of a price
 * feed that was named late, as long as more of that is read.
 *
 * @param headOf the newest block by the first endpoint that answers; null when none does.
 */
export function createWatchdog(options: {
  readonly stallMs: number;
  readonly nowMs: () => number;
  readonly statuses: () => readonly Pick<ChainStatus, "eid" | "name" | "indexed" | "feedsReadTo" | "halted">[];
  readonly headOf: (eid: number) => Promise<number | null>;
}): Watchdog {
  const { stallMs, nowMs, statuses, headOf } = options;
  let beatAtMs = nowMs();
  const moved = new Map<number, { indexed: number; feedsReadTo: number; atMs: number }>();
  return {
    beat() {
      beatAtMs = nowMs();
    },
    async look() {
      const now = nowMs();
      if (now - beatAtMs > stallMs) return new StalledError("The epoch loop", (now - beatAtMs) / 1000);
      for (const { eid, name, indexed, halted, ...status } of statuses()) {
        const last = moved.get(eid);
        const feedsReadTo = status.feedsReadTo ?? -1;
        if (last === undefined || last.indexed !== indexed || feedsReadTo > last.feedsReadTo || halted) {
          moved.set(eid, { indexed, feedsReadTo, atMs: now });
        } else if (now - last.atMs > stallMs) {
          const head = await headOf(eid);
          if (head !== null && head > indexed)
            return new StalledError(`The index of ${name}`, (now - last.atMs) / 1000);
          // The chain stands still, or nobody can say. It has as long again from when it goes on.
          moved.set(eid, { ...last, atMs: now });
        }
      }
      return null;
    },
  };
}
