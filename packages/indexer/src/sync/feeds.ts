import type { Address } from "viem";
import { decodeLog, feedReader, type Readers } from "../decode/event.ts";
import { isTrouble } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import type { Header } from "../rpc/wire.ts";
import { storedBlock } from "../store/checkpoint.ts";
import { keptHistory, type ReadTo } from "../store/feedHistory.ts";
import type { ReadAhead } from "./ahead.ts";
import { missingPart, readHistoryPart } from "./historyPart.ts";
import type { StepContext } from "./step.ts";

export interface NewFeeds {
  /** The readers given, and those of the new feeds. */
  readonly readers: Readers;
  /** All blocks with answers of the new feeds, from the chain's start to the end of the range; null where none are new. */
  readonly blocks: readonly BlockWithLogs[] | null;
}

export interface FeedHistories {
  /**
   * The registry names price feeds while the chain is being read, and a feed may have answered before it was named. Reads
   * each new feed from the chain's start, so that the state does not depend on how a node happened to cut the chain into
   * ranges. What has been read is kept in the database: after trouble with an endpoint, a reorg or a restart the next call
   * goes on where this one ended. It is forgotten with the commit of what it was read for.
   *
   * @throws {ChainMovedError} the chain that it read is not the one that `blocks` are of.
   */
  ofNewFeeds(parameters: {
    readonly context: StepContext;
    readonly endpoint: RpcEndpoint;
    readonly readers: Readers;
    readonly blocks: readonly BlockWithLogs[];
  }): Promise<NewFeeds>;
  /** The block to which such a history has been read; null while none is read. */
  readonly readTo: number | null;
}

type Parameters = globalThis.Parameters<FeedHistories["ofNewFeeds"]>[0];

/** A chain's new feeds, and the block up to which they are read. */
interface Reading {
  readonly key: string;
  readonly ahead: ReadAhead;
  readTo: number;
}

export function feedHistories(readAhead: () => ReadAhead): FeedHistories {
  let reading: Reading | undefined;

  function forget(): void {
    reading?.ahead.forget();
    reading = undefined;
  }

  return {
    get readTo() {
      return reading?.readTo ?? null;
    },
    async ofNewFeeds(parameters) {
      const { context, endpoint, readers, blocks } = parameters;
      const fresh = new Map(
        feedsNamed(parameters)
          .filter((feed) => !readers.has(feed))
          .map((feed) => [feed, feedReader(feed)]),
      );
      const last = blocks.at(-1)?.header;
      if (fresh.size === 0 || last === undefined) return { readers, blocks: null };
      // What lies behind was read without these feeds.
      context.ahead.forgetBehind();
      const feeds = [...fresh.keys()].sort();
      const key = `${last.hash} ${feeds.join()}`;
      if (reading?.key !== key) {
        forget();
        reading = { key, ahead: readAhead(), readTo: context.chain.startBlock - 1 };
      }
      try {
        await readUntil({ reading, context, endpoint, feeds, blocks, last });
        forget();
        const { database, chain } = context;
        return { readers: new Map([...readers, ...fresh]), blocks: keptHistory(database, chain.eid, feeds) };
      } catch (error) {
        if (!isTrouble(error)) forget();
        throw error;
      }
    },
  };
}

async function readUntil(parameters: {
  readonly reading: Reading;
  readonly context: StepContext;
  readonly endpoint: RpcEndpoint;
  readonly feeds: readonly Address[];
  readonly blocks: readonly BlockWithLogs[];
  readonly last: Header;
}): Promise<void> {
  const { reading, context, endpoint, feeds, blocks, last } = parameters;
  const { database, chain } = context;
  const first = blocks[0]?.header.number ?? last.number;
  const isCanonical = ({ number, hash }: ReadTo) =>
    hash === (number < first ? storedBlock(database, chain.eid, number) : blocks[number - first]?.header)?.hash;
  const missing = () => missingPart({ database, chain, feeds, to: last.number, isCanonical });
  for (let part = missing(); part !== undefined; part = missing()) {
    reading.readTo = part.from - 1;
    await readHistoryPart({ database, chain, ahead: reading.ahead, endpoint, part, missing, isCanonical });
  }
}

function feedsNamed({ context, readers, blocks }: Parameters): Address[] {
  return blocks.flatMap(({ logs }) =>
    logs.flatMap((log) => {
      if (log.address !== context.chain.contracts.riskRegistry) return [];
      const event = decodeLog(readers, context.chain.eid, log);
      return event?.type === "risk-setting" && event.setting.kind === "underlying" ? [event.setting.feed] : [];
    }),
  );
}
