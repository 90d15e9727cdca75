import type { AttestationJson } from "@plimsoll/protocol/wire";
import type { Clock } from "../clock.ts";
import type { Outcome } from "../transactions/intent.ts";
import type { Sender } from "../transactions/sender.ts";
import type { PostingChain, PostOutcome } from "./chain.ts";
import type { AttestationContract } from "./contract.ts";

export interface SenderChainOptions {
  readonly eid: number;
  readonly name: string;
  readonly contract: AttestationContract;
  readonly sender: Sender;
  readonly clock: Clock;
  /** How long a post is waited for before the poster looks for a newer epoch to take its place. */
  readonly patienceMs: number;
  /** How long somebody else's post may stay in the pool before this node no longer counts on it. */
  readonly trustPoolMs: number;
}

/** Reverts that time heals. */
const passing = new Set(["IssuedInFuture", "UnknownOperatorSet"]);
/** Gas beyond the estimate, in per cent: the contract's storage may look different by then. */
const gasMarginPercent = 125n;
const keyOf = (epoch: number): string => `post:${epoch}`;
const epochOf = (key: string): number => Number(key.slice("post:".length));

/**
 * A chain to post to, by transactions that this node looks after. Gas is spent once: nothing is sent while a post of the
 * same epoch, or of a newer one, waits in the pool, whoever sent it; a newer epoch takes the nonce of an older one; and
 * what another operator has made superfluous is withdrawn.
 */
export function createSenderChain(options: SenderChainOptions): PostingChain {
  const { eid, name, contract, sender, clock, patienceMs, trustPoolMs } = options;
  /** The epoch that the pool made stale, and since when. */
  let inPool: { readonly epoch: number; readonly sinceMs: number } | null = null;

  const newestEpoch = async (): Promise<number | null> => {
    const newest = await contract.newestEpoch();
    if (newest !== null) sender.abandon((purpose, key) => purpose === "post" && epochOf(key) <= newest);
    return newest;
  };

  const isOthersPending = (epoch: number): boolean => {
    if (inPool === null || inPool.epoch !== epoch) inPool = { epoch, sinceMs: clock.nowMs() };
    return Math.abs(clock.nowMs() - inPool.sinceMs) < trustPoolMs;
  };

  const post = async (attestation: AttestationJson): Promise<PostOutcome> => {
    const { epoch, expiresAt } = attestation.header;
    const key = keyOf(epoch);
    if (sender.outcome(key).outcome === "pending") return asPostOutcome(await sender.wait(key, patienceMs));
    let simulated = await contract.simulate(attestation, "pending");
    if ("revert" in simulated && simulated.revert === "StaleEpoch") {
      if (((await newestEpoch()) ?? 0) >= epoch) return { outcome: "stale" };
      if (isOthersPending(epoch)) return { outcome: "not-yet", because: "pending-elsewhere" };
      simulated = await contract.simulate(attestation, "latest");
    }
    if ("revert" in simulated) {
      const because = simulated.revert;
      if (because === "StaleEpoch") return { outcome: "stale" };
      return { outcome: passing.has(because) ? "not-yet" : "refused", because };
    }
    const outcome = await sender.send(
      {
        ...{ key, purpose: "post", supersedes: true, to: contract.address, data: contract.encode(attestation) },
        ...{ valueWei: 0n, gasLimit: (simulated.gas * gasMarginPercent) / 100n, expiresAtMs: expiresAt * 1000 },
      },
      patienceMs,
    );
    return asPostOutcome(outcome);
  };

  return { eid, name, newestEpoch, post };
}

function asPostOutcome(outcome: Outcome): PostOutcome {
  switch (outcome.outcome) {
    case "mined": {
      // Somebody else's transaction came first: the simulation passed, the block did not.
      if (!outcome.succeeded) return { outcome: "stale" };
      const { hash: transactionHash, blockNumber, gasUsed } = outcome;
      return { outcome: "posted", transactionHash, blockNumber, gasUsed };
    }
    case "refused":
      return { outcome: "not-yet", because: outcome.because };
    default:
      return { outcome: "not-yet", because: outcome.outcome };
  }
}
