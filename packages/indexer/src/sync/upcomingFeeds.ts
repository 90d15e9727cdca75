import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Address } from "viem";
import { IndexerError, isTrouble } from "../errors.ts";
import type { RpcPool } from "../rpc/pool.ts";
import { readCheckpoint, storedBlock } from "../store/checkpoint.ts";
import { historyReadTo, type ReadTo } from "../store/feedHistory.ts";
import { unnamedFeeds } from "../store/feeds.ts";
import { type ReadAheadParameters, type Reading, readAhead } from "./ahead.ts";
import type { ChainStatus } from "./follow.ts";
import { type HistoryPart, missingPart, readHistoryPart } from "./historyPart.ts";
import { rangeSize } from "./rangeSize.ts";
import type { StepContext } from "./step.ts";

/** A price feed that the registry is going to name. */
export interface UpcomingFeed {
  readonly feed: Address;
  /** The block up to which its history has been read; the one before the start block where nothing has. */
  readonly readTo: number;
  /** Whether fewer final blocks are left than one range may have: the index will hardly wait for them when it is named. */
  readonly isRead: boolean;
}

/** How far the histories of the feeds are that the configuration speaks of and the registry has not named. */
export function upcomingFeeds({ database, chain }: StepContext): UpcomingFeed[] {
  const final = finalNumber({ database, chain });
  return unnamedFeeds(database, chain).map((feed) => {
    const readTo = historyReadTo(database, chain.eid, feed)?.number ?? chain.startBlock - 1;
    return { feed, readTo, isRead: final !== null && final - readTo < chain.maxLogRange };
  });
}

const longestWaitMs = 60_000;
/** A small part of what an endpoint gives. */
const rangesAtOnce = 4;

/**
 * Reads the histories of upcoming feeds while the chain is followed, up to its final blocks, until `stop`. New blocks come
 * first: while there are many of them, or the history of a feed is read that has been named, this waits. A range is read
 * when all its blocks are final, so that a history does not come to consist of single blocks.
 */
export async function readUpcomingFeeds({
  context,
  read,
  pool,
  log,
  stop,
  status,
}: {
  readonly context: StepContext;
  readonly read: ReadAheadParameters["read"];
  readonly pool: RpcPool;
  readonly log: Logger;
  readonly stop: AbortSignal;
  readonly status: () => ChainStatus;
}): Promise<void> {
  const { database, chain } = context;
  if (chain.upcomingFeeds.length === 0) return;
  // A length of its own: an endpoint may refuse blocks that are as old as these.
  const size = rangeSize(chain.maxLogRange);
  const ahead = readAhead({
    read: (range) => read(lastInLine(range)),
    rangeSize: size,
    rangesAtOnce: Math.min(chain.rangesAtOnce, rangesAtOnce),
  });
  let failures = 0;

  const isCanonical = ({ number, hash }: ReadTo) => storedBlock(database, chain.eid, number)?.hash === hash;

  function missing(): HistoryPart | undefined {
    const final = finalNumber(context);
    if (final === null) return undefined;
    const feeds = unnamedFeeds(database, chain);
    const part = missingPart({ database, chain, feeds, to: final, isCanonical });
    if (part === undefined || part.to < final) return part;
    const whole = Math.floor((final - part.from + 1) / size.blocks) * size.blocks;
    return whole === 0 ? undefined : { ...part, to: part.from + whole - 1 };
  }

  function mayRead(): boolean {
    const { ok, halted, lagBlocks, feedsReadTo } = status();
    return ok && !halted && feedsReadTo === null && lagBlocks <= chain.maxLogRange;
  }

  /** False when there is nothing to do now. */
  async function readNext(): Promise<boolean> {
    const part = mayRead() ? missing() : undefined;
    if (part === undefined) return false;
    // One that fails at this may be well enough to follow the chain.
    const endpoint = await (failures % 2 === 0 ? pool.current() : pool.second());
    await readHistoryPart({ database, chain, ahead, endpoint, part, missing, isCanonical });
    return true;
  }

  function failed(error: unknown): void {
    if (stop.aborted) return;
    if (!isTrouble(error)) ahead.forget();
    failures++;
    const problem = error instanceof Error ? error.message : String(error);
    const hint = error instanceof IndexerError ? error.hint : undefined;
    if (Number.isInteger(Math.log2(failures))) {
      const fields = { chain: chain.name, eid: chain.eid, problem, hint, failures };
      log.warn(fields, "upcoming price feeds cannot be read at the moment");
    }
  }

  while (!stop.aborted) {
    let didRead = false;
    try {
      didRead = await readNext();
      if (didRead) failures = 0;
    } catch (error) {
      failed(error);
    }
    const waitMs = Math.min(chain.pollMs * 2 ** Math.min(failures, 10), Math.max(longestWaitMs, chain.pollMs));
    if (!didRead) await delay(waitMs, undefined, { signal: stop }).catch(() => undefined);
  }
  ahead.forget();
  await ahead.ended;
}

/** The same range; its calls wait until nobody else has any. */
function lastInLine(range: Reading): Reading {
  const line = { order: Number.POSITIVE_INFINITY, signal: range.signal };
  return { ...range, endpoint: range.endpoint.inLine(line) };
}

function finalNumber({ database, chain }: Pick<StepContext, "database" | "chain">): number | null {
  return readCheckpoint(database, chain.eid)?.finalizedNumber ?? null;
}
