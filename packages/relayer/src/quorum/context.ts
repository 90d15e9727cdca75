import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Serialize } from "../serialize.ts";
import type { EpochSummary, Store } from "../store/store.ts";
import type { ChainView } from "./chainView.ts";
import type { QuorumEvent } from "./events.ts";
import type { Patience } from "./patience.ts";
import type { Peers } from "./peers.ts";
import type { Protocol } from "./protocol.ts";
import type { Signer } from "./signer.ts";

export interface Timing {
  /** From one epoch's proposal to the next. */
  readonly epochIntervalMs: number;
  /** How long a leader may take before the next one steps in; also how long it gathers signatures. */
  readonly leaderTimeoutMs: number;
  /** How long a follower waits for its own index to reach a proposal's cut. */
  readonly indexWaitMs: number;
  readonly peerTimeoutMs: number;
  readonly mostSkewSeconds: number;
}

/** Everything the epoch engine touches. No clock, network, chain or disk but through these. */
export interface Context {
  readonly protocol: Protocol;
  readonly view: ChainView;
  readonly store: Store;
  readonly peers: Peers;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly timing: Timing;
  /** Stretches the waits for others. */
  readonly patience: Patience;
  readonly log: Logger;
  /** One signature is considered at a time. */
  readonly signing: Serialize;
  /** Called once for every epoch that is found attested. */
  readonly onAttested: (epoch: EpochSummary) => void;
  readonly observe?: (event: QuorumEvent) => void;
}

/** Sensible waits for an epoch interval. */
export function timingFor(epochIntervalMs: number, leaderTimeoutMs: number): Timing {
  return {
    epochIntervalMs,
    leaderTimeoutMs,
    indexWaitMs: Math.floor(leaderTimeoutMs / 2),
    peerTimeoutMs: leaderTimeoutMs,
    mostSkewSeconds: 30,
  };
}
