import type { ChainConfig } from "../config.ts";
import type { Database } from "../database.ts";
import { ChainMovedError, FinalityViolatedError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { Header } from "../rpc/wire.ts";
import { type Checkpoint, storedBlocksFrom } from "../store/checkpoint.ts";

/**
 * The newest block that the endpoint and our index agree on; one below the chain's start when they agree on none.
 *
 * @throws {FinalityViolatedError} they disagree on a block that was final.
 * @throws {ChainMovedError} the endpoint is behind the last finalized block: it cannot be judged by.
 */
export async function findFork(parameters: {
  readonly database: Database;
  readonly chain: ChainConfig;
  readonly endpoint: RpcEndpoint;
  readonly checkpoint: Checkpoint;
  readonly finalized: Header | null;
}): Promise<number> {
  const { database, chain, endpoint, checkpoint, finalized } = parameters;
  const floor = checkpoint.finalizedNumber ?? chain.startBlock;
  for (const stored of storedBlocksFrom(database, chain.eid, floor)) {
    const header = await endpoint.header(stored.number);
    if (header?.hash === stored.hash) return stored.number;
    if (stored.number !== checkpoint.finalizedNumber) continue;
    // A node that is still syncing has not seen this block as final, and what it says proves nothing.
    if (header === null || finalized === null || finalized.number < stored.number) {
      throw new ChainMovedError(
        `${chain.name}: the endpoint has not reached block ${stored.number}`,
        "It is asked again.",
      );
    }
    throw new FinalityViolatedError(
      `${chain.name} replaced finalized block ${stored.number}: it was ${stored.hash} and is ${header.hash}`,
      "Nothing is signed until an operator has found out which chain is right.",
    );
  }
  return chain.startBlock - 1;
}
