import { setTimeout as delay } from "node:timers/promises";
import type { Eid } from "@plimsoll/protocol/ids";
import type { Logger } from "pino";
import { ConfigError, FinalityViolatedError, IndexerError, IndexerStoppedError } from "../errors.ts";
import type { RpcPool } from "../rpc/pool.ts";
import { readCheckpoint } from "../store/checkpoint.ts";
import { commitHalt } from "../store/commit.ts";
import { type StepContext, type StepResult, syncStep } from "./step.ts";
import { type UpcomingFeed, upcomingFeeds } from "./upcomingFeeds.ts";

/** How one chain is doing. Block numbers; -1 where nothing is known yet. */
export interface ChainStatus {
  readonly eid: Eid;
  readonly name: string;
  /** As the RPC endpoint told it last. */
  readonly head: number;
  readonly headTimestampSeconds: number;
  /** Newest finalized block that is indexed. */
  readonly finalized: number;
  readonly indexed: number;
  readonly lagBlocks: number;
  /** How far the history of price feeds that were named late has been read; null while none is, as nearly always. */
  readonly feedsReadTo: number | null;
  /** Price feeds whose history is read before the registry names them; those that it has named are not among them. */
  readonly upcomingFeeds: readonly UpcomingFeed[];
  /** False when the last round failed, or the chain is halted. */
  readonly ok: boolean;
  readonly problem: string | null;
  /** The chain broke its finality: nothing may be signed until an operator has looked at it. */
  readonly halted: boolean;
}

export interface ChainFollower {
  status(): ChainStatus;
  /** Resolves when everything that is on the chain at the time of the call has been read. */
  caughtUp(): Promise<void>;
  /** Resolves once nothing will touch the database any more. */
  readonly ended: Promise<void>;
}

const longestWaitMs = 30_000;
/** A disagreement on a final block must be seen this many times in a row before the chain is halted. */
const confirmations = 3;

/** Follows one chain until `stop`. A failure is kept in its status, and tried again after a growing wait. */
export function followChain(parameters: {
  readonly context: StepContext;
  readonly pool: RpcPool;
  readonly log: Logger;
  readonly stop: AbortSignal;
  readonly onAdvance: (eid: Eid) => void;
}): ChainFollower {
  const { context, pool, log, stop, onAdvance } = parameters;
  const { database, chain } = context;
  const fields = { chain: chain.name, eid: chain.eid };
  let last: StepResult | undefined;
  let problem: string | null = null;
  let failures = 0;
  let violations = 0;
  let ending: IndexerError | undefined;
  let waiting: PromiseWithResolvers<void>[] = [];

  async function round(): Promise<"again" | "wait" | "end"> {
    const asked = waiting;
    try {
      last = await syncStep(context);
      if (problem !== null) log.info(fields, "chain is followed again");
      problem = null;
      failures = 0;
      violations = 0;
    } catch (error) {
      return failed(error);
    }
    if (last.did === "rewound") log.warn({ ...fields, to: indexed() }, "reorg undone");
    if (last.did !== "idle") onAdvance(chain.eid);
    // Whoever asks for everything that is there means the head of now.
    if (last.did === "rewound" || indexed() < last.head.number || !last.isNew) return "again";
    waiting = waiting.filter((waiter) => !asked.includes(waiter));
    for (const waiter of asked) waiter.resolve();
    return "wait";
  }

  function failed(error: unknown): "wait" | "end" {
    if (stop.aborted) return "end";
    failures++;
    problem = error instanceof Error ? error.message : String(error);
    const hint = error instanceof IndexerError ? error.hint : undefined;
    // The first, then ever more rarely: seen, but not in the way of everything else.
    if (Number.isInteger(Math.log2(failures)))
      log.warn({ ...fields, problem, hint, failures }, "chain cannot be followed at the moment");
    pool.rotate();
    if (!(error instanceof FinalityViolatedError)) {
      violations = 0;
      return error instanceof ConfigError ? halt(error) : "wait";
    }
    const halted = readCheckpoint(database, chain.eid)?.halted ?? null;
    if (halted === null && ++violations < confirmations * pool.endpoints.length) return "wait";
    commitHalt(database, chain.eid, error.message);
    log.fatal({ ...fields, problem, hint }, "chain broke its finality");
    return halt(error);
  }

  function halt(error: IndexerError): "end" {
    ending = error;
    for (const waiter of waiting) waiter.reject(error);
    waiting = [];
    return "end";
  }

  const indexed = () => readCheckpoint(database, chain.eid)?.indexedNumber ?? chain.startBlock - 1;

  async function follow(): Promise<void> {
    while (!stop.aborted) {
      const next = await round();
      if (next === "end") break;
      const waitMs =
        failures === 0 ? chain.pollMs : Math.min(chain.pollMs * 2 ** Math.min(failures, 10), longestWaitMs);
      if (next === "wait") await delay(waitMs, undefined, { signal: stop }).catch(() => undefined);
    }
    context.ahead.forget();
    await context.ahead.ended;
    if (stop.aborted) halt(new IndexerStoppedError("the indexer was stopped", "Start it again."));
  }

  return {
    ended: follow(),
    status() {
      const checkpoint = readCheckpoint(database, chain.eid);
      const head = last?.head.number ?? -1;
      return {
        eid: chain.eid,
        name: chain.name,
        head,
        headTimestampSeconds: last?.head.timestamp ?? 0,
        finalized: checkpoint?.finalizedNumber ?? -1,
        indexed: checkpoint?.indexedNumber ?? -1,
        lagBlocks: Math.max(0, head - (checkpoint?.indexedNumber ?? -1)),
        feedsReadTo: context.feeds.readTo,
        upcomingFeeds: upcomingFeeds(context),
        ok: problem === null && last !== undefined,
        problem: problem ?? (last === undefined ? "not asked yet" : null),
        halted: checkpoint?.halted != null,
      };
    },
    caughtUp() {
      if (ending !== undefined) return Promise.reject(ending);
      const waiter = Promise.withResolvers<void>();
      waiting = [...waiting, waiter];
      return waiter.promise;
    },
  };
}
