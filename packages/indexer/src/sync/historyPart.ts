import type { Address } from "viem";
import type { ChainConfig } from "../config.ts";
import type { Database } from "../database.ts";
import { feedReader, watchOf } from "../decode/event.ts";
import { ChainMovedError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import { keepHistory, type ReadTo, resumeHistory } from "../store/feedHistory.ts";
import type { ReadAhead } from "./ahead.ts";

/** Blocks of which the answers of some feeds have not been read yet. */
export interface HistoryPart {
  readonly feeds: readonly Address[];
  readonly from: number;
  readonly to: number;
}

export interface Histories {
  readonly database: Database;
  readonly chain: ChainConfig;
  readonly feeds: readonly Address[];
  readonly to: number;
  /** Whether a block is of the chain that these are the histories of. */
  readonly isCanonical: (block: ReadTo) => boolean;
}

/**
 * The lowest blocks that these histories lack, and the feeds that lack them: histories that have come equally far are read
 * together, and one that is behind is read up to where it meets another. Undefined where nothing is lacking up to `to`.
 */
export function missingPart({ database, chain, feeds, to, isCanonical }: Histories): HistoryPart | undefined {
  const begins = new Map(
    feeds.map((feed) => {
      const readTo = resumeHistory(database, { eid: chain.eid, feed }, isCanonical);
      return [feed, readTo === undefined ? chain.startBlock : readTo.number + 1];
    }),
  );
  const from = Math.min(...begins.values());
  if (feeds.length === 0 || from > to) return undefined;
  const further = [...begins.values()].filter((other) => other > from);
  return {
    feeds: feeds.filter((feed) => begins.get(feed) === from),
    from,
    to: Math.min(to, ...further.map((other) => other - 1)),
  };
}

/**
 * Reads the next range of a part and keeps it, unless somebody else has kept it by then.
 *
 * @param missing says what is lacking now.
 * @throws {ChainMovedError} what was read is not of the chain that it should be of.
 */
export async function readHistoryPart({
  database,
  chain,
  ahead,
  endpoint,
  part,
  missing,
  isCanonical,
}: Pick<Histories, "database" | "chain" | "isCanonical"> & {
  readonly ahead: ReadAhead;
  readonly endpoint: RpcEndpoint;
  readonly part: HistoryPart;
  readonly missing: () => HistoryPart | undefined;
}): Promise<void> {
  const watch = watchOf(new Map(part.feeds.map((feed) => [feed, feedReader(feed)])));
  const range = await ahead.next({ endpoint, watch, from: part.from, to: part.to });
  const now = missing();
  if (now?.from !== part.from || now.feeds.join() !== part.feeds.join()) return;
  const end = range.at(-1)?.header;
  // Each block of the range names the one before it: where the last is of the chain, all are.
  if (end === undefined || !isCanonical(end)) {
    throw new ChainMovedError(`${chain.name} changed while price feeds were read`, "It is read again.");
  }
  keepHistory(database, { eid: chain.eid, feeds: part.feeds, to: end, range });
}
