import type { AccountCollateral, PostedEpoch } from "@plimsoll/indexer/accounts";
import type { ChainConfig } from "@plimsoll/indexer/config";
import type { ChainStatus } from "@plimsoll/indexer/indexer";
import type { ListMessagesParameters } from "@plimsoll/indexer/messages";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { MessageJson } from "@plimsoll/protocol/wire";
import type { Address, Hex } from "viem";
import type { ChainProgress } from "../liveness/progress.ts";
import type { PeerSeen } from "../peers/watchPeers.ts";
import type { ChainView } from "../quorum/chainView.ts";
import type { Protocol } from "../quorum/protocol.ts";
import type { Store } from "../store/store.ts";

/** What the API answers from. */
export interface ApiSource {
  readonly operator: Address;
  readonly version: string;
  readonly chains: readonly ChainConfig[];
  readonly store: Store;
  readonly view: ChainView;
  readonly protocol: Protocol;
  readonly startedAtMs: number;
  nowMs(): number;
  progressOf(eid: number): ChainProgress;
  peersSeen(): readonly PeerSeen[];
  /** About to end: nobody should ask any more. */
  draining(): boolean;
  chainStatus(): readonly ChainStatus[];
  /** Newest epoch that each chain has posted, by eid. */
  newestPosted(): ReadonlyMap<number, number>;
  postingsOf(epoch: number): readonly PostedEpoch[];
  collateralOf(account: AccountId): readonly AccountCollateral[];
  listMessages(parameters: ListMessagesParameters): readonly MessageJson[];
  getMessage(guid: Hex): MessageJson | null;
  /** Those of which something happened in blocks above `after` and up to `upTo`, by eid; null when they are too many. */
  messagesBetween(after: ReadonlyMap<number, number>, upTo: ReadonlyMap<number, number>): readonly MessageJson[] | null;
}
