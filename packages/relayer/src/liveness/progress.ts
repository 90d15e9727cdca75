import type { ChainStatus } from "@plimsoll/indexer/indexer";

/** How fast a chain is being read. */
export interface ChainProgress {
  readonly eid: number;
  /** Lately, on average. */
  readonly blocksPerSecond: number;
  /** Until the head is reached, at that rate; null while that cannot be said. */
  readonly secondsLeft: number | null;
}

export interface Progress {
  /** Takes note of where the chains are. */
  sample(statuses: readonly Pick<ChainStatus, "eid" | "head" | "indexed">[]): void;
  of(eid: number): ChainProgress;
}

/** A sample counts half after so long. */
const halfLifeMs = 15_000;

/** Averages the rate at which chains are read. */
export function createProgress(nowMs: () => number): Progress {
  const chains = new Map<number, { indexed: number; head: number; atMs: number; rate: number | null }>();
  return {
    sample(statuses) {
      for (const { eid, head, indexed } of statuses) {
        const before = chains.get(eid);
        const now = nowMs();
        if (before === undefined) chains.set(eid, { indexed, head, atMs: now, rate: null });
        if (before === undefined || now <= before.atMs) continue;
        const seconds = (now - before.atMs) / 1000;
        const rate = Math.max(0, indexed - before.indexed) / seconds;
        const weight = before.rate === null ? 1 : 1 - 2 ** (-(now - before.atMs) / halfLifeMs);
        chains.set(eid, { indexed, head, atMs: now, rate: (before.rate ?? 0) * (1 - weight) + rate * weight });
      }
    },
    of(eid) {
      const { indexed = 0, head = 0, rate = null } = chains.get(eid) ?? {};
      const left = Math.max(0, head - indexed);
      const secondsLeft = left === 0 ? 0 : rate === null || rate === 0 ? null : Math.ceil(left / rate);
      return { eid, blocksPerSecond: rate ?? 0, secondsLeft };
    },
  };
}
