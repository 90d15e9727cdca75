import type { Eid } from "@plimsoll/protocol/ids";
import type { ChainClient } from "../chains/client.ts";
import type { LayerZeroContracts } from "../layerzero/deploy.ts";

/** A chain as the worker sees it. */
export interface WorkerChain {
  readonly name: string;
  readonly eid: Eid;
  readonly client: ChainClient;
  /** No packet was sent before it. */
  readonly startBlock: bigint;
  readonly layerZero: LayerZeroContracts;
}
