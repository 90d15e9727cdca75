import type { ChainConfig } from "../config.ts";
import type { Database } from "../database.ts";
import { chainReaders, watchOf } from "../decode/event.ts";
import { ChainMovedError, FinalityViolatedError, isTrouble } from "../errors.ts";
import type { Header } from "../rpc/wire.ts";
import { type Checkpoint, readCheckpoint, storedBlock } from "../store/checkpoint.ts";
import { commitBlocks, commitFinalized, commitRewind } from "../store/commit.ts";
import { forgetHistoriesNotNeeded } from "../store/feedHistory.ts";
import { everRegisteredFeeds } from "../store/feeds.ts";
import type { OurContracts } from "../store/ours.ts";
import type { ReadAhead } from "./ahead.ts";
import type { FeedHistories } from "./feeds.ts";
import { findFork } from "./fork.ts";
import type { ChainView, ChainViews } from "./view.ts";

export interface StepContext {
  readonly database: Database;
  readonly chain: ChainConfig;
  readonly ours: OurContracts;
  readonly views: ChainViews;
  /** Of the chain's own contracts and of the feeds known by now. */
  readonly ahead: ReadAhead;
  readonly feeds: FeedHistories;
}

export interface StepResult {
  readonly head: Header;
  readonly finalized: Header | null;
  /** Whether the head was asked for in this step. */
  readonly isNew: boolean;
  /** `idle`: everything there is has been read. */
  readonly did: "advanced" | "rewound" | "idle";
}

/**
 * One round: writes the next range of blocks, or takes back what a reorg has replaced. Whatever it changes is one
 * transaction, so that a process killed at any point finds a whole state. While it waits and writes, the ranges behind are
 * read already; nothing of them is kept once the chain turns out to be another one.
 *
 * @throws {IndexerError} nothing was changed; its `remedy` says whether trying again may help.
 */
export async function syncStep(context: StepContext): Promise<StepResult> {
  try {
    return await step(context);
  } catch (error) {
    context.views.forget();
    if (!isTrouble(error)) context.ahead.forget();
    throw error;
  }
}

async function step(context: StepContext): Promise<StepResult> {
  const { database, chain, ahead } = context;
  const checkpoint = readCheckpoint(database, chain.eid);
  if (checkpoint?.halted) {
    throw new FinalityViolatedError(
      checkpoint.halted,
      "Find out which chain is right; then `plimsoll reset-chain` has it read anew.",
    );
  }
  const from = checkpoint === undefined ? chain.startBlock : checkpoint.indexedNumber + 1;
  const view = await context.views.look(from, checkpoint?.finalizedNumber ?? -1);
  const { endpoint, head, finalized } = view;
  if (head.number < from) return await withoutNewBlocks(context, view, checkpoint);

  const readers = chainReaders(chain, chain.hub ? everRegisteredFeeds(database, chain.eid) : []);
  const blocks = await ahead.next({ endpoint, watch: watchOf(readers), from, to: head.number });
  if (checkpoint !== undefined && blocks[0]?.header.parentHash !== checkpoint.indexedHash) {
    return await rewind(context, view, checkpoint);
  }
  const atFinalized = blocks.find(({ header }) => header.number === finalized?.number);
  if (atFinalized !== undefined && atFinalized.header.hash !== finalized?.hash) {
    throw new ChainMovedError(`${chain.name} named another finalized block`, "It is read again.");
  }
  const feeds = await context.feeds.ofNewFeeds({ context, endpoint, readers, blocks });
  commitBlocks({ ...context, readers: feeds.readers, blocks, feedBlocks: feeds.blocks, finalized });
  if (blocks.at(-1)?.header.number === head.number) forgetHistoriesNotNeeded(database, chain);
  return { ...view, did: "advanced" };
}

async function withoutNewBlocks(
  context: StepContext,
  view: ChainView,
  checkpoint: Checkpoint | undefined,
): Promise<StepResult> {
  const { database, chain } = context;
  const { head, finalized } = view;
  const idle: StepResult = { ...view, did: "idle" };
  if (checkpoint === undefined) return idle;
  for (const header of finalized === null ? [head] : [head, finalized]) {
    const stored = storedBlock(database, chain.eid, header.number);
    if (stored !== undefined && stored.hash !== header.hash) return await rewind(context, view, checkpoint);
  }
  const moved = commitFinalized(database, chain.eid, finalized);
  // Such as that of a feed whose naming a reorg has taken back.
  forgetHistoriesNotNeeded(database, chain);
  return moved ? { ...idle, did: "advanced" } : idle;
}

async function rewind(context: StepContext, view: ChainView, checkpoint: Checkpoint): Promise<StepResult> {
  context.ahead.forget();
  context.views.forget();
  const fork = await findFork({ ...context, ...view, checkpoint });
  commitRewind(context.database, context.chain.eid, fork);
  return { ...view, did: "rewound" };
}
