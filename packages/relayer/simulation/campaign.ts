import { Worker } from "node:worker_threads";
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
  readonly liquidations: number;
  readonly takeovers: number;
  readonly deleveragings: number;
  readonly claims: number;
  readonly exits: number;
  /** In epochs. */
  readonly slowestRecovery: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly violations: readonly { readonly seed: number; readonly violation: string }[];
}

interface Seeds {
  readonly seeds: number;
  readonly first: number;
  /** No new world is begun after so long. */
  readonly mostMs?: number;
}

interface InThreads extends Seeds {
  readonly threads: number;
  readonly variant: string | null;
  /** Ends it at once: worlds that are not over yet do not count. */
  readonly signal?: AbortSignal;
}

type OnProgress = (so: Campaign, wanted: number) => void;

/**
 * Runs one world after the other in this thread; `onProgress` hears of each.
 *
 * @param options.until ends it at the first violation that says so.
 */
export async function runSeeds(
  options: Seeds & { readonly composition?: Composition; readonly until?: RegExp },
  onProgress: OnProgress = () => {},
): Promise<Campaign> {
  // Errors are everyday here, and nobody reads their stacks.
  Error.stackTraceLimit = 0;
  const start = performance.now();
  const { composition, seeds, first, mostMs = Number.POSITIVE_INFINITY } = options;
  let so = nothingYet;
  for (let seed = first; seed < first + seeds && performance.now() - start < mostMs; seed++) {
    const outcome = await simulate(composition === undefined ? { seed } : { seed, composition });
    so = sum(so, outcome, performance.now() - start);
    onProgress(so, seeds);
    if (outcome.violation !== null && options.until?.test(outcome.violation)) break;
  }
  return so;
}

/** The same with a thread a core. What becomes of a seed does not depend on it, only the order in which they are told. */
export async function runSeedsInThreads(options: InThreads, onProgress: OnProgress = () => {}): Promise<Campaign> {
  const { seeds, first, threads, variant, mostMs = Number.POSITIVE_INFINITY, signal } = options;
  let start = Number.POSITIVE_INFINITY;
  let next = first;
  let so = nothingYet;
  const runThread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL("worker.ts", import.meta.url), {
        workerData: { variant },
        // A world lives for half a second, and most of it dies before: with less room it would be copied first.
        resourceLimits: { maxYoungGenerationSizeMb: 64 },
      });
      signal?.addEventListener("abort", () => void worker.terminate(), { once: true });
      const handOut = () => {
        if (signal?.aborted || next >= first + seeds || performance.now() - start >= mostMs) void worker.terminate();
        else worker.postMessage(next++);
      };
      worker.on("message", (outcome: SimulationOutcome | "ready") => {
        // Time counts once the first has loaded the program.
        start = Math.min(start, performance.now());
        if (outcome !== "ready") {
          so = sum(so, outcome, performance.now() - start);
          onProgress(so, seeds);
        }
        handOut();
      });
      worker.on("error", reject);
      worker.on("exit", () => resolve());
    });
  await Promise.all(Array.from({ length: signal?.aborted ? 0 : Math.min(threads, seeds) }, runThread));
  const violations = [...so.violations].sort((a, b) => a.seed - b.seed);
  return { ...so, violations };
}

const nothingYet: Campaign = {
  seeds: 0,
  steps: 0,
  elapsedMs: 0,
  attested: 0,
  posted: 0,
  trades: 0,
  liquidations: 0,
  takeovers: 0,
  deleveragings: 0,
  claims: 0,
  exits: 0,
  slowestRecovery: 0,
  faults: new Map(),
  violations: [],
};

function sum(so: Campaign, one: SimulationOutcome, elapsedMs: number): Campaign {
  const faults = new Map(so.faults);
  for (const [kind, count] of one.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
  const broken = one.violation === null ? [] : [{ seed: one.seed, violation: one.violation }];
  return {
    seeds: so.seeds + 1,
    steps: so.steps + one.steps,
    elapsedMs,
    attested: so.attested + one.attested,
    posted: so.posted + one.posted,
    trades: so.trades + one.trades,
    liquidations: so.liquidations + one.liquidations,
    takeovers: so.takeovers + one.takeovers,
    deleveragings: so.deleveragings + one.deleveragings,
    claims: so.claims + one.claims,
    exits: so.exits + one.exits,
    slowestRecovery: Math.max(so.slowestRecovery, one.epochsToRecover),
    faults,
    violations: [...so.violations, ...broken],
  };
}
