import type { AttestationJson } from "@plimsoll/protocol/wire";
import type { Logger } from "pino";
import type { Address } from "viem";
import { type Clock, nowSeconds } from "../clock.ts";
import type { OperatorSet } from "../quorum/chainView.ts";
import { refOf } from "../quorum/known.ts";
import { turnOf } from "../quorum/turns.ts";
import type { EpochSummary, Store, VerifiedEpoch } from "../store/store.ts";
import type { PostingChain } from "./chain.ts";
import { judgePosting, type PostingJudgement, type PostingPolicy } from "./policy.ts";

export interface PosterOptions {
  readonly chain: PostingChain;
  readonly policy: PostingPolicy;
  /** How long each further operator waits for those before it to post. */
  readonly standInMs: number;
  readonly me: Address;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly operators: (epoch: EpochSummary) => OperatorSet | null;
  readonly attestationFor: (epoch: EpochSummary) => AttestationJson;
}

export type PosterStep = "nothing-to-post" | "up-to-date" | "not-worth-it" | "not-my-turn" | "posted" | "failed";

export interface Poster {
  /** One look at the chain, and a post if it is due. */
  step(): Promise<PosterStep>;
  /** Looks again at once. */
  wake(): void;
  run(signal: AbortSignal): Promise<void>;
}

const lookEveryMs = 1_000;

/**
 * Posts attested epochs to one chain. Any operator may; the epoch's proposer does so at once, and the others step in
 * after a delay when the chain is still behind, so that gas is paid once.
 */
export function createPoster(options: PosterOptions): Poster {
  const { chain, policy, store, clock, me } = options;
  const log = options.log.child({ eid: chain.eid, chain: chain.name });
  let wakeUp = new AbortController();

  const delayMs = (target: EpochSummary): number => {
    if (target.proposer === me) return 0;
    const turn = turnOf(me, target.header.epoch, options.operators(target)?.members ?? []);
    return Math.max(1, turn ?? 1) * options.standInMs;
  };

  // The two stay the same for many looks, and all accounts are compared.
  let judged: { readonly pair: string; readonly judgement: PostingJudgement } | null = null;
  const judge = (posted: VerifiedEpoch | null, next: VerifiedEpoch): PostingJudgement => {
    const pair = `${posted?.digest}:${next.digest}`;
    if (judged?.pair !== pair) {
      judged = { pair, judgement: judgePosting(chain.eid, posted?.epoch ?? null, next.epoch, policy) };
    }
    return judged.judgement;
  };

  const step = async (): Promise<PosterStep> => {
    const target = store.newestAttested();
    const content = target === null ? null : store.content(refOf(target));
    if (target === null || content === null) return "nothing-to-post";
    if (nowSeconds(clock) >= target.header.expiresAt) return "nothing-to-post";
    const onChain = await chain.newestEpoch();
    if (onChain !== null && onChain >= target.header.epoch) return "up-to-date";
    const posted = onChain === null ? null : store.attested(onChain);
    const reason = judge(posted === null ? null : store.content(refOf(posted)), content)(nowSeconds(clock));
    if (reason === null) return "not-worth-it";
    if (clock.nowMs() < (target.attestedAtMs ?? 0) + delayMs(target)) return "not-my-turn";

    const { epoch } = target.header;
    const result = await chain.post(options.attestationFor(target));
    if (result.outcome !== "posted") {
      if (result.outcome === "refused") log.error({ epoch, because: result.because }, "chain refused an epoch");
      else log.debug({ epoch, ...result }, "epoch not posted");
      return result.outcome === "stale" ? "up-to-date" : "failed";
    }
    const { transactionHash, blockNumber, gasUsed } = result;
    store.recordPosting({
      eid: chain.eid,
      epoch,
      reason,
      transactionHash,
      blockNumber,
      gasUsed,
      postedAtMs: clock.nowMs(),
    });
    log.info({ epoch, reason, transactionHash, blockNumber, gasUsed }, "epoch posted");
    return "posted";
  };

  return {
    step,
    wake: () => wakeUp.abort(),
    async run(signal) {
      while (!signal.aborted) {
        try {
          await step();
        } catch (error) {
          log.warn({ err: error }, "could not post to a chain");
        }
        await clock.sleep(lookEveryMs, AbortSignal.any([signal, wakeUp.signal]));
        wakeUp = new AbortController();
      }
    },
  };
}
