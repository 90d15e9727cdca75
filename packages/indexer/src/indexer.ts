import type { Eid } from "@plimsoll/protocol/ids";
import type { Logger } from "pino";
import type { ChainConfig } from "./config.ts";
import type { Database } from "./database.ts";
import { bindDeployment } from "./deployment.ts";
import { rpcEndpoint } from "./rpc/endpoint.ts";
import { rpcPool } from "./rpc/pool.ts";
import { readRange } from "./rpc/range.ts";
import { type EndpointStatus, endpointStatuses } from "./rpc/status.ts";
import { ourContracts } from "./store/ours.ts";
import { type Reading, readAhead } from "./sync/ahead.ts";
import { feedHistories } from "./sync/feeds.ts";
import { type ChainStatus, followChain } from "./sync/follow.ts";
import { preflight } from "./sync/preflight.ts";
import { rangeSize } from "./sync/rangeSize.ts";
import { readUpcomingFeeds } from "./sync/upcomingFeeds.ts";
import { chainViews } from "./sync/view.ts";

export type { EndpointStatus } from "./rpc/status.ts";
export type { ChainStatus } from "./sync/follow.ts";

export interface StartIndexerParameters {
  readonly database: Database;
  readonly chains: readonly ChainConfig[];
  readonly log: Logger;
  /** Called after every committed step of a chain. */
  readonly onAdvance?: (eid: Eid) => void;
}

export interface Indexer {
  status(): ChainStatus[];
  /** Every RPC endpoint of every chain. */
  endpoints(): EndpointStatus[];
  /** Resolves when everything that was on every chain at the time of the call has been read. */
  caughtUp(): Promise<void>;
  /** Afterwards nothing touches the database: it can be closed. */
  stop(): Promise<void>;
}

/**
 * Checks the configuration against the chains, then follows all of them until stopped. One chain's trouble is shown in its
 * status and does not stop the others.
 *
 * @throws {ConfigError} a chain or contract is not what the configuration says; names everything that is wrong.
 * @throws {WrongDeploymentError} the database belongs to another deployment.
 *
 * @example
 * const indexer = await startIndexer({ database, chains, log: pino() });
 * await indexer.caughtUp();
 * const cut = finalizedCut(database);
 */
export async function startIndexer(parameters: StartIndexerParameters): Promise<Indexer> {
  const { database, chains, log, onAdvance = () => undefined } = parameters;
  const stopping = new AbortController();
  const endpoints = new Map(
    chains.map((chain) => [chain, chain.rpcUrls.map((url) => rpcEndpoint(url, stopping.signal))]),
  );
  await preflight(chains, (chain) => endpoints.get(chain) ?? []);
  bindDeployment(database, chains);
  const ours = ourContracts(chains);
  const pools = chains.map((chain) => ({ chain, pool: rpcPool(endpoints.get(chain) ?? [], chain.chainId) }));
  const followers = pools.map(({ chain, pool }) => {
    const read = (range: Reading) => readRange({ ...range, second: pool.second });
    const reading = { read, rangeSize: rangeSize(chain.maxLogRange), rangesAtOnce: chain.rangesAtOnce };
    const newReadAhead = () => readAhead(reading);
    const context = {
      database,
      chain,
      ours,
      views: chainViews(chain, pool),
      ahead: newReadAhead(),
      feeds: feedHistories(newReadAhead),
    };
    const stop = stopping.signal;
    const follower = followChain({ context, pool, log, stop, onAdvance });
    const upcoming = readUpcomingFeeds({ context, read, pool, log, stop, status: follower.status });
    return { ...follower, ended: Promise.all([follower.ended, upcoming]) };
  });
  return {
    status: () => followers.map((follower) => follower.status()),
    endpoints: () => pools.flatMap(({ chain, pool }) => endpointStatuses(chain, pool)),
    async caughtUp() {
      await Promise.all(followers.map((follower) => follower.caughtUp()));
    },
    async stop() {
      stopping.abort();
      await Promise.all(followers.map((follower) => follower.ended));
    },
  };
}
