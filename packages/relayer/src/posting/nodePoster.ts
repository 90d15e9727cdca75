import type { ChainConfig } from "@plimsoll/indexer/config";
import type { Logger } from "pino";
import type { Address } from "viem";
import { attestationFor } from "../api/proofs.ts";
import type { ProvableEpochs } from "../api/provableEpochs.ts";
import { systemClock } from "../clock.ts";
import type { ChainView } from "../quorum/chainView.ts";
import type { Store } from "../store/store.ts";
import type { Sender } from "../transactions/sender.ts";
import { chainReader } from "../transactions/viemTransactionChain.ts";
import { type PostingConfig, postingOn } from "./config.ts";
import { createViemContract } from "./contract.ts";
import { createPoster, type Poster } from "./poster.ts";
import { createSenderChain } from "./senderChain.ts";

/** After so long a poster looks whether a newer epoch should take a waiting one's place. */
const postPatienceMs = 10_000;

export interface NodePosterOptions {
  readonly chain: ChainConfig;
  readonly posting: PostingConfig;
  readonly sender: Sender;
  readonly me: Address;
  readonly store: Store;
  readonly view: ChainView;
  readonly epochs: ProvableEpochs;
  readonly log: Logger;
}

/** A node's poster on one chain: its policy there, its sender, its RPC endpoints. */
export function createNodePoster(options: NodePosterOptions): Poster {
  const { chain, posting, sender, me, store, view, epochs, log } = options;
  const { eid, name } = chain;
  const policy = postingOn(posting, name);
  return createPoster({
    chain: createSenderChain({
      ...{ eid, name, sender, clock: systemClock, patienceMs: postPatienceMs, trustPoolMs: 2 * policy.standInMs },
      contract: createViemContract(chainReader(chain), chain.contracts.attestations, me),
    }),
    policy,
    standInMs: policy.standInMs,
    me,
    store,
    clock: systemClock,
    log,
    operators: ({ cut }) => view.operatorSetAt(cut),
    attestationFor(summary) {
      const { provable } = epochs.find(summary.header.epoch);
      return attestationFor({ store, view }, summary, provable, eid);
    },
  });
}
