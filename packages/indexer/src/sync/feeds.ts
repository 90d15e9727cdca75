import type { Address } from "viem";
import { decodeLog, feedReader, type Readers, watchOf } from "../decode/event.ts";
import type { Watch } from "../decode/watch.ts";
import { ChainMovedError, isTrouble } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import type { Header } from "../rpc/wire.ts";
import type { ReadAhead } from "./ahead.ts";
import type { StepContext } from "./step.ts";

export interface NewFeeds {
  /** The readers given, and those of the new feeds. */
  readonly readers: Readers;
  /** All blocks with answers of the new feeds, from the chain's start to the end of the range. */
  readonly blocks: readonly BlockWithLogs[];
}

export interface FeedHistories {
  /**
   * The registry names price feeds while the chain is being read, and a feed may have answered before it was named. Reads
   * each new feed from the chain's start, so that the state does not depend on how a node happened to cut the chain into
   * ranges. After trouble with an endpoint the next call for the same range goes on where this one ended.
   *
   * @throws {ChainMovedError} the chain that it read is not the one that `blocks` are of.
   */
  ofNewFeeds(parameters: {
    readonly context: StepContext;
    readonly endpoint: RpcEndpoint;
    readonly readers: Readers;
    readonly blocks: readonly BlockWithLogs[];
  }): Promise<NewFeeds>;
}

type Parameters = globalThis.Parameters<FeedHistories["ofNewFeeds"]>[0];

/** What has been read of a chain's new feeds, on the way to the block `last`. */
interface Reading {
  readonly key: string;
  readonly ahead: ReadAhead;
  readonly found: BlockWithLogs[];
  before: Header | undefined;
}

export function feedHistories(readAhead: () => ReadAhead): FeedHistories {
  let reading: Reading | undefined;

  function forget(): void {
    reading?.ahead.forget();
    reading = undefined;
  }

  return {
    async ofNewFeeds(parameters) {
      const { context, endpoint, readers, blocks } = parameters;
      const fresh = new Map(
        feedsNamed(parameters)
          .filter((feed) => !readers.has(feed))
          .map((feed) => [feed, feedReader(feed)]),
      );
      const last = blocks.at(-1)?.header;
      if (fresh.size === 0 || last === undefined) return { readers, blocks: [] };
      // What lies behind was read without these feeds.
      context.ahead.forgetBehind();
      const key = [last.hash, ...fresh.keys()].join();
      if (reading?.key !== key) {
        forget();
        reading = { key, ahead: readAhead(), found: [], before: undefined };
      }
      try {
        const found = await readUntil({ reading, context, endpoint, watch: watchOf(fresh), last });
        forget();
        return { readers: new Map([...readers, ...fresh]), blocks: found };
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
  readonly watch: Watch;
  readonly last: Header;
}): Promise<readonly BlockWithLogs[]> {
  const { reading, context, endpoint, watch, last } = parameters;
  const { chain } = context;
  for (;;) {
    const { before, found } = reading;
    const from = before === undefined ? chain.startBlock : before.number + 1;
    if (from > last.number) {
      if (before?.hash !== last.hash) throw moved(chain.name);
      return found;
    }
    const part = await reading.ahead.next({ endpoint, watch, from, to: last.number });
    if (before !== undefined && part[0]?.header.parentHash !== before.hash) throw moved(chain.name);
    found.push(...part.filter(({ logs }) => logs.length > 0));
    reading.before = part.at(-1)?.header;
  }
}

const moved = (chain: string) =>
  new ChainMovedError(`${chain} changed while price feeds were read`, "It is read again.");

function feedsNamed({ context, readers, blocks }: Parameters): Address[] {
  return blocks.flatMap(({ logs }) =>
    logs.flatMap((log) => {
      if (log.address !== context.chain.contracts.riskRegistry) return [];
      const event = decodeLog(readers, context.chain.eid, log);
      return event?.type === "risk-setting" && event.setting.kind === "underlying" ? [event.setting.feed] : [];
    }),
  );
}
