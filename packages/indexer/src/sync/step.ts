import type { ChainConfig } from "../config.ts";
import type { Database } from "../database.ts";
import { chainReaders, watchOf } from "../decode/event.ts";
import { ChainMovedError, FinalityViolatedError, RpcUnavailableError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { RpcPool } from "../rpc/pool.ts";
import type { Header } from "../rpc/wire.ts";
import { type Checkpoint, readCheckpoint, storedBlock } from "../store/checkpoint.ts";
import { commitBlocks, commitFinalized, commitRewind } from "../store/commit.ts";
import { everRegisteredFeeds } from "../store/feeds.ts";
import type { OurContracts } from "../store/ours.ts";
import { requireAgreement } from "./agreement.ts";
import { readNewFeeds } from "./feeds.ts";
import { findFork } from "./fork.ts";
import { type RangeSize, readNextRange } from "./rangeSize.ts";

export interface StepContext {
  readonly database: Database;
  readonly chain: ChainConfig;
  readonly ours: OurContracts;
  readonly pool: RpcPool;
  readonly rangeSize: RangeSize;
}

export interface StepResult {
  readonly head: Header;
  readonly finalized: Header | null;
  /** `idle`: everything there is has been read. */
  readonly did: "advanced" | "rewound" | "idle";
}

/**
 * One round: asks for the head, then reads the next range of blocks, or takes back what a reorg has replaced. Whatever it
 * changes is one transaction, so that a process killed at any point finds a whole state.
 *
 * @throws {IndexerError} nothing was changed; its `remedy` says whether trying again may help.
 */
export async function syncStep(context: StepContext): Promise<StepResult> {
  const { database, chain, pool } = context;
  const checkpoint = readCheckpoint(database, chain.eid);
  if (checkpoint?.halted) {
    throw new FinalityViolatedError(
      checkpoint.halted,
      "Find out which chain is right; then `plimsoll reset-chain` has it read anew.",
    );
  }
  const endpoint = await pool.current();
  const head = await endpoint.header("latest");
  const finalized = await finalizedHeader(chain, endpoint, head);
  if (head === null) throw new RpcUnavailableError(`${chain.name} has no head`, "Wait for the node to start.");
  if (finalized !== null && finalized.number > (checkpoint?.finalizedNumber ?? -1)) {
    await requireAgreement({ chain, pool, endpoint, final: finalized });
  }
  const round = { context, endpoint, head, finalized };
  const from = checkpoint === undefined ? chain.startBlock : checkpoint.indexedNumber + 1;
  if (head.number < from) return await withoutNewBlocks(round, checkpoint);

  const readers = chainReaders(chain, chain.hub ? everRegisteredFeeds(database, chain.eid) : []);
  const blocks = await readNextRange({ ...context, endpoint, watch: watchOf(readers), from, to: head.number });
  if (checkpoint !== undefined && blocks[0]?.header.parentHash !== checkpoint.indexedHash) {
    return await rewind(round, checkpoint);
  }
  const atFinalized = blocks.find(({ header }) => header.number === finalized?.number);
  if (atFinalized !== undefined && atFinalized.header.hash !== finalized?.hash) {
    throw new ChainMovedError(`${chain.name} named another finalized block`, "It is read again.");
  }
  const feeds = await readNewFeeds({ context, endpoint, readers, blocks });
  commitBlocks({ ...context, readers: feeds.readers, blocks, feedBlocks: feeds.blocks, finalized });
  return { head, finalized, did: "advanced" };
}

interface Round {
  readonly context: StepContext;
  readonly endpoint: RpcEndpoint;
  readonly head: Header;
  readonly finalized: Header | null;
}

async function finalizedHeader(chain: ChainConfig, endpoint: RpcEndpoint, head: Header | null): Promise<Header | null> {
  if (chain.finality === "finalized") return await endpoint.header("finalized");
  const number = (head?.number ?? 0) - chain.finality.depth;
  return number < 0 ? null : await endpoint.header(number);
}

async function withoutNewBlocks(round: Round, checkpoint: Checkpoint | undefined): Promise<StepResult> {
  const { context, head, finalized } = round;
  const { database, chain } = context;
  const idle: StepResult = { head, finalized, did: "idle" };
  if (checkpoint === undefined) return idle;
  for (const header of finalized === null ? [head] : [head, finalized]) {
    const stored = storedBlock(database, chain.eid, header.number);
    if (stored !== undefined && stored.hash !== header.hash) return await rewind(round, checkpoint);
  }
  return commitFinalized(database, chain.eid, finalized) ? { ...idle, did: "advanced" } : idle;
}

async function rewind(round: Round, checkpoint: Checkpoint): Promise<StepResult> {
  const { context, endpoint, head, finalized } = round;
  const fork = await findFork({ ...context, endpoint, checkpoint, finalized });
  commitRewind(context.database, context.chain.eid, fork);
  return { head, finalized, did: "rewound" };
}
