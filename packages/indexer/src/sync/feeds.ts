import type { Address } from "viem";
import { decodeLog, feedReader, type Readers, watchOf } from "../decode/event.ts";
import { ChainMovedError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import type { StepContext } from "./step.ts";

export interface NewFeeds {
  /** The readers given, and those of the new feeds. */
  readonly readers: Readers;
  /** All blocks with answers of the new feeds, from the chain's start to the end of the range. */
  readonly blocks: readonly BlockWithLogs[];
}

/**
 * The registry names price feeds while the chain is being read, and a feed may have answered before it was named. Reads
 * each new feed from the chain's start, so that the state does not depend on how a node happened to cut the chain into
 * ranges.
 */
export async function readNewFeeds(parameters: {
  readonly context: StepContext;
  readonly endpoint: RpcEndpoint;
  readonly readers: Readers;
  readonly blocks: readonly BlockWithLogs[];
}): Promise<NewFeeds> {
  const { context, endpoint, readers, blocks } = parameters;
  const fresh = new Map(
    feedsNamed(parameters)
      .filter((feed) => !readers.has(feed))
      .map((feed) => [feed, feedReader(feed)]),
  );
  const last = blocks.at(-1)?.header;
  if (fresh.size === 0 || last === undefined) return { readers, blocks: [] };
  const watch = watchOf(fresh);
  const found: BlockWithLogs[] = [];
  // It was read without these feeds.
  context.ahead.forget();
  const ahead = context.readAhead();
  try {
    for (let from = context.chain.startBlock; from <= last.number; ) {
      const part = await ahead.next({ endpoint, watch, from, to: last.number });
      found.push(...part.filter(({ header, logs }) => logs.length > 0 || header.number === last.number));
      from += part.length;
    }
  } finally {
    ahead.forget();
  }
  if (found.at(-1)?.header.hash !== last.hash) {
    throw new ChainMovedError(`${context.chain.name} changed while price feeds were read`, "It is read again.");
  }
  return { readers: new Map([...readers, ...fresh]), blocks: found };
}

function feedsNamed({ context, readers, blocks }: Parameters<typeof readNewFeeds>[0]): Address[] {
  return blocks.flatMap(({ logs }) =>
    logs.flatMap((log) => {
      if (log.address !== context.chain.contracts.riskRegistry) return [];
      const event = decodeLog(readers, context.chain.eid, log);
      return event?.type === "risk-setting" && event.setting.kind === "underlying" ? [event.setting.feed] : [];
    }),
  );
}
