import type { Eid } from "@plimsoll/protocol/ids";
import { and, eq } from "drizzle-orm";
import type { ChainConfig } from "../config.ts";
import type { Database } from "../database.ts";
import { decodeLog, type Readers } from "../decode/event.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import type { Header } from "../rpc/wire.ts";
import { blocks as blockTable, checkpoints } from "../tables/chain.ts";
import { feedAnswers } from "../tables/risk.ts";
import { applyEvent } from "./apply.ts";
import { readCheckpoint, storedBlock, writeCheckpoint } from "./checkpoint.ts";
import { forgetHistoriesNotNeeded } from "./feedHistory.ts";
import type { OurContracts } from "./ours.ts";
import { deleteAbove } from "./rewind.ts";
import { insertRow } from "./statements.ts";

export interface CommitParameters {
  readonly database: Database;
  readonly chain: ChainConfig;
  readonly ours: OurContracts;
  readonly readers: Readers;
  readonly blocks: readonly BlockWithLogs[];
  /** Answers of feeds met for the first time: their whole history; null where there are none. */
  readonly feedBlocks: readonly BlockWithLogs[] | null;
  readonly finalized: Header | null;
}

/** Rows, headers and checkpoint of a range of blocks, in one transaction. */
export function commitBlocks(parameters: CommitParameters): void {
  const { database, chain, blocks, feedBlocks, finalized } = parameters;
  const last = blocks.at(-1)?.header;
  if (last === undefined) return;
  database.sqlite.transaction(() => {
    for (const { header } of blocks) {
      const { number, hash, parentHash, timestamp: timestampSeconds } = header;
      insertRow(database, blockTable, { eid: chain.eid, number, hash, parentHash, timestampSeconds });
    }
    for (const { logs } of feedBlocks ?? []) {
      for (const { address: feed } of logs) {
        const ofFeed = and(eq(feedAnswers.eid, chain.eid), eq(feedAnswers.feed, feed));
        database.drizzle.delete(feedAnswers).where(ofFeed).run();
      }
    }
    for (const block of [...(feedBlocks ?? []), ...blocks]) applyBlock(parameters, block);
    writeCheckpoint(database, {
      eid: chain.eid,
      indexedNumber: last.number,
      indexedHash: last.hash,
      finalizedNumber: newestFinalized(database, chain.eid, finalized),
      halted: null,
    });
    if (feedBlocks !== null) forgetHistoriesNotNeeded(database, chain);
  })();
}

function applyBlock({ database, chain, ours, readers }: CommitParameters, { header, logs }: BlockWithLogs): void {
  for (const log of logs) {
    const event = decodeLog(readers, chain.eid, log);
    if (event === null) continue;
    const { logIndex, transactionHash } = log;
    const place = {
      eid: chain.eid,
      block: header.number,
      logIndex,
      transactionHash,
      timestampSeconds: header.timestamp,
    };
    applyEvent(database, ours, place, event);
  }
}

/** Finality never goes back, and only a block that we hold under the same hash is final to us. */
function newestFinalized(database: Database, eid: Eid, finalized: Header | null): number | null {
  const before = readCheckpoint(database, eid)?.finalizedNumber ?? null;
  if (finalized === null || (before !== null && finalized.number <= before)) return before;
  return storedBlock(database, eid, finalized.number)?.hash === finalized.hash ? finalized.number : before;
}

/** Moves finality on where there are no new blocks. True when it moved. */
export function commitFinalized(database: Database, eid: Eid, finalized: Header | null): boolean {
  return database.sqlite.transaction(() => {
    const checkpoint = readCheckpoint(database, eid);
    if (checkpoint === undefined) return false;
    const finalizedNumber = newestFinalized(database, eid, finalized);
    if (finalizedNumber === checkpoint.finalizedNumber) return false;
    writeCheckpoint(database, { ...checkpoint, finalizedNumber });
    return true;
  })();
}

/** Takes back what lies above `fork`, and the checkpoint with it, in one transaction. */
export function commitRewind(database: Database, eid: Eid, fork: number): void {
  database.sqlite.transaction(() => {
    const checkpoint = readCheckpoint(database, eid);
    deleteAbove(database, eid, fork);
    const block = storedBlock(database, eid, fork);
    if (block === undefined || checkpoint === undefined) {
      database.drizzle.delete(checkpoints).where(eq(checkpoints.eid, eid)).run();
    } else {
      writeCheckpoint(database, { ...checkpoint, indexedNumber: block.number, indexedHash: block.hash });
    }
  })();
}

/** Marks a chain as not to be followed any further, and why. */
export function commitHalt(database: Database, eid: Eid, halted: string): void {
  database.drizzle.update(checkpoints).set({ halted }).where(eq(checkpoints.eid, eid)).run();
}
