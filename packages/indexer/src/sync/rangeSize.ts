import type { Watch } from "../decode/watch.ts";
import { RpcRefusedError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { RpcPool } from "../rpc/pool.ts";
import { type BlockWithLogs, readRange } from "../rpc/range.ts";

/** How many blocks to ask for at once. */
export interface RangeSize {
  readonly blocks: number;
  /** A provider took it. */
  accepted(): void;
  /** A provider refused it. */
  refused(): void;
}

const acceptedBeforeGrowing = 16;

/**
 * Halves at a refusal, and doubles after a while without one: providers limit blocks, logs or time, and none says which.
 *
 * @param most What the configuration allows.
 */
export function rangeSize(most: number): RangeSize {
  let blocks = most;
  let accepted = 0;
  return {
    get blocks() {
      return blocks;
    },
    accepted() {
      accepted++;
      if (accepted % acceptedBeforeGrowing === 0) blocks = Math.min(most, blocks * 2);
    },
    refused() {
      accepted = 0;
      blocks = Math.max(1, blocks >> 1);
    },
  };
}

/** Reads as many blocks as the provider gives at once: from `from`, at most to `to`. */
export async function readNextRange(parameters: {
  readonly endpoint: RpcEndpoint;
  readonly pool: RpcPool;
  readonly rangeSize: RangeSize;
  readonly watch: Watch;
  readonly from: number;
  readonly to: number;
}): Promise<BlockWithLogs[]> {
  const { endpoint, pool, rangeSize, watch, from } = parameters;
  for (;;) {
    const to = Math.min(parameters.to, from + rangeSize.blocks - 1);
    try {
      const blocks = await readRange({ endpoint, second: pool.second, watch, from, to });
      rangeSize.accepted();
      return blocks;
    } catch (error) {
      if (!(error instanceof RpcRefusedError) || rangeSize.blocks === 1) throw error;
      rangeSize.refused();
    }
  }
}
