import { splitSignatures } from "@plimsoll/protocol/attestation";
import type { Random } from "@plimsoll/protocol/simulation/random";
import type { Address } from "viem";
import type { PostingChain } from "../src/posting/chain.ts";
import type { Chain } from "./chain.ts";
import { type AttestationRules, postTransaction, refusalOf } from "./contracts.ts";
import { SimulatedFault } from "./errors.ts";
import type { Faults } from "./faults.ts";
import { awaiting, type Life } from "./life.ts";
import type { OnLeaving } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";

export interface PostingChainOptions {
  readonly me: Address;
  readonly chain: Chain;
  readonly rules: AttestationRules;
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  readonly onLeaving: OnLeaving;
}

/** A chain behind an endpoint that fails, tells what was true before, and drops or holds back transactions. */
export function simulatedPostingChain(options: PostingChainOptions): PostingChain {
  const { me, chain, rules, life, scheduler, random, faults, onLeaving } = options;
  const { eid } = chain;
  const later = <T>(run: () => T): Promise<T> =>
    awaiting(
      life,
      faults,
      () =>
        new Promise<T>((resolve, reject) => {
          scheduler.after(5 + random.below(60), () => {
            try {
              resolve(run());
            } catch (error) {
              reject(error);
            }
          });
        }),
    );
  return {
    eid,
    name: `chain-${eid}`,
    newestEpoch: () =>
      later(() => {
        if (faults.strikes("rpc-failed")) throw new SimulatedFault("the endpoint does not answer");
        if (faults.strikes("rpc-empty")) return null;
        if (faults.strikes("rpc-contradictory")) return (chain.head().state.postedEpoch ?? 0) + random.below(4);
        const stale = faults.strikes("rpc-stale") ? 3 : 0;
        const block = chain.blocks[Math.max(0, chain.head().number - stale)] ?? chain.head();
        return block.state.postedEpoch;
      }),
    post(attestation) {
      onLeaving(me, attestation.header, splitSignatures(attestation.signatures));
      return later(() => {
        const refusal = refusalOf(rules, eid, attestation, chain.head().state, chain.nowSeconds());
        if (refusal === "StaleEpoch") return { outcome: "stale" };
        if (refusal === "IssuedInFuture") return { outcome: "not-yet", because: refusal };
        if (refusal !== null) return { outcome: "refused", because: refusal };
        const transaction = postTransaction(rules, eid, attestation);
        if (faults.strikes("post-dropped")) throw new SimulatedFault("no receipt in time");
        if (faults.strikes("post-late")) {
          scheduler.after(random.below(6_000), () => chain.mine(transaction));
          throw new SimulatedFault("no receipt in time");
        }
        if (chain.spikeEndsMs() > scheduler.nowMs()) {
          // Underpriced: not taken at all, or it waits with all that others sent.
          if (random.chance(0.5)) {
            scheduler.after(chain.spikeEndsMs() - scheduler.nowMs(), () => chain.mine(transaction));
          }
          throw new SimulatedFault("the fee is too low");
        }
        if (chain.isHalted()) throw new SimulatedFault("no receipt in time");
        if (!chain.mine(transaction)) return { outcome: "stale" };
        const { number, hash } = chain.head();
        return { outcome: "posted", transactionHash: hash, blockNumber: number, gasUsed: 60_000 };
      });
    },
  };
}
