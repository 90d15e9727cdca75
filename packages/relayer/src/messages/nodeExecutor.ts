import type { ChainConfig } from "@plimsoll/indexer/config";
import type { Database } from "@plimsoll/indexer/database";
import { undeliveredMessages } from "@plimsoll/indexer/undelivered";
import type { Logger } from "pino";
import type { Address } from "viem";
import { systemClock } from "../clock.ts";
import type { Sender } from "../transactions/sender.ts";
import { chainReader } from "../transactions/viemTransactionChain.ts";
import type { MessagesConfig } from "./config.ts";
import { createDestinationEndpoint } from "./endpoint.ts";
import { createMessageExecutor, type MessageExecutor } from "./executor.ts";

/** A node's executor: its index, its senders, its RPC endpoints. */
export function createNodeExecutor(options: {
  readonly policy: MessagesConfig;
  readonly database: Database;
  readonly chains: readonly { readonly chain: ChainConfig; readonly sender: Sender }[];
  readonly me: Address;
  readonly peers: readonly Address[];
  readonly log: Logger;
}): MessageExecutor {
  const { policy, database, chains, me, peers, log } = options;
  const sources = new Map(
    chains.map(({ chain }) => [chain.eid, { reader: chainReader(chain), endpoint: chain.contracts.endpoint }] as const),
  );
  const destinations = chains.map(({ chain, sender }) => {
    const { eid, name, contracts } = chain;
    const reader = sources.get(eid)?.reader ?? chainReader(chain);
    const endpoint = createDestinationEndpoint({ reader, endpoint: contracts.endpoint, from: me, sources });
    return [eid, { name, endpoint, sender }] as const;
  });
  return createMessageExecutor({
    ...{ policy, clock: systemClock, log, me, operators: [me, ...peers] },
    undelivered: (beforeSeconds) => undeliveredMessages(database, beforeSeconds),
    destinations: new Map(destinations),
  });
}
