import type { Eid } from "@plimsoll/protocol/ids";
import { hostOf } from "./endpoint.ts";
import type { RpcPool } from "./pool.ts";

/** How one RPC endpoint of a chain does, by its last calls. */
export interface EndpointStatus {
  readonly eid: Eid;
  readonly chain: string;
  /** Its place in `rpcUrls`, from 1. */
  readonly place: number;
  /** Without path and query, which often hold a key. */
  readonly host: string;
  /** Whether the chain is read from it at the moment. */
  readonly inUse: boolean;
  /** Of answers; 0 before the first. */
  readonly latencyMs: number;
  /** Between 0 and 1. */
  readonly errorRate: number;
  /** When it answered last; null before the first time. All are asked about every block that becomes final. */
  readonly lastAnswerMs: number | null;
  /** Requests a second that it is asked at most; null while it has named no limit. */
  readonly perSecond: number | null;
}

export function endpointStatuses(chain: { readonly eid: Eid; readonly name: string }, pool: RpcPool): EndpointStatus[] {
  const inUse = pool.inUse();
  return pool.endpoints.map((endpoint, index) => ({
    ...{ eid: chain.eid, chain: chain.name, place: index + 1, host: hostOf(endpoint.url), inUse: endpoint === inUse },
    ...{ latencyMs: endpoint.health.latencyMs, errorRate: endpoint.health.errorRate },
    ...{ lastAnswerMs: endpoint.health.lastAnswerMs, perSecond: endpoint.rate.perSecond },
  }));
}
