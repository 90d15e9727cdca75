import type { Composition } from "./composition.ts";
import type { FaultKind } from "./faults.ts";
import { type SimulationOutcome, simulate } from "./simulate.ts";

/** Many worlds, added up. */
export interface Campaign {
  readonly seeds: number;
  readonly steps: number;
  readonly elapsedMs: number;
  readonly attested: number;
  readonly posted: number;
  readonly trades: number;
  readonly claims: number;
  /** In epochs. */
  readonly slowestRecovery: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly violations: readonly { readonly seed: number; readonly violation: string }[];
}

export interface CampaignOptions {
  readonly seeds: number;
  readonly first: number;
  readonly composition?: Composition;
  /** Ends it at the first violation that says so. */
  readonly until?: RegExp;
  /** No new world is begun after so long. */
  readonly mostMs?: number;
}

/** Runs one world after the other; `onProgress` hears of each. */
export async function runSeeds(
  options: CampaignOptions,
  onProgress: (so: Campaign, wanted: number) => void = () => {},
): Promise<Campaign> {
  // Errors are everyday here, and nobody reads their stacks.
  Error.stackTraceLimit = 0;
  const start = performance.now();
  const { composition, seeds, first, mostMs = Number.POSITIVE_INFINITY } = options;
  let so = sum(null, null, 0);
  for (let seed = first; seed < first + seeds && performance.now() - start < mostMs; seed++) {
    const outcome = await simulate(composition === undefined ? { seed } : { seed, composition });
    so = sum(so, outcome, performance.now() - start);
    onProgress(so, seeds);
    if (outcome.violation !== null && options.until?.test(outcome.violation)) break;
  }
  return so;
}

function sum(so: Campaign | null, one: SimulationOutcome | null, elapsedMs: number): Campaign {
  const faults = new Map(so?.faults);
  for (const [kind, count] of one?.faults ?? []) faults.set(kind, (faults.get(kind) ?? 0) + count);
  const broken = one === null || one.violation === null ? [] : [{ seed: one.seed, violation: one.violation }];
  return {
    seeds: (so?.seeds ?? 0) + (one === null ? 0 : 1),
    steps: (so?.steps ?? 0) + (one?.steps ?? 0),
    elapsedMs,
    attested: (so?.attested ?? 0) + (one?.attested ?? 0),
    posted: (so?.posted ?? 0) + (one?.posted ?? 0),
    trades: (so?.trades ?? 0) + (one?.trades ?? 0),
    claims: (so?.claims ?? 0) + (one?.claims ?? 0),
    slowestRecovery: Math.max(so?.slowestRecovery ?? 0, one?.epochsToRecover ?? 0),
    faults,
    violations: [...(so?.violations ?? []), ...broken],
  };
}
