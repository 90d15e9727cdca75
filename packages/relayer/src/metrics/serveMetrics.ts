import type { Database } from "@plimsoll/indexer/database";
import type { EndpointStatus } from "@plimsoll/indexer/indexer";
import { messagesInFlight } from "@plimsoll/indexer/messagesInFlight";
import type { ReportKeeper } from "../api/accountReports.ts";
import { ProblemError } from "../api/problem.ts";
import type { ApiSource } from "../api/source.ts";
import type { HttpServer } from "../server.ts";
import { addCollected } from "./collect.ts";
import type { Metrics } from "./metrics.ts";
import { serveRegistry } from "./serveRegistry.ts";

/**
 * Serves `GET /metrics` on a port of its own, which is not for strangers.
 *
 * @throws ListenError
 */
export async function serveMetrics(options: {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly lookups: {
    readonly source: ApiSource;
    readonly database: Database;
    readonly reports: ReportKeeper;
    endpoints(): readonly EndpointStatus[];
    depositsUnreported(): ReadonlyMap<number, number>;
    openStreams(): number;
  };
}): Promise<HttpServer> {
  const { metrics } = options;
  const { source, database, reports, ...lookups } = options.lookups;
  addCollected(metrics.registry, {
    ...lookups,
    chainStatus: source.chainStatus,
    newestPosted: source.newestPosted,
    newestAttested: source.store.newestAttested,
    equivocations: () => source.store.equivocations().length,
    messagesInFlight: () => messagesInFlight(database, source.nowMs() / 1000),
    accounts: () => reportsIfAny(reports)?.counts ?? null,
    peersSeen: source.peersSeen,
  });
  return serveRegistry(metrics.registry, options);
}

function reportsIfAny(reports: ReportKeeper) {
  try {
    return reports.newest().reports;
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
