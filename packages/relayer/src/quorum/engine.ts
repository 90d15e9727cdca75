import { catchUp } from "./catchUp.ts";
import type { Context } from "./context.ts";
import { createFollower } from "./follow.ts";
import { type LeadOutcome, leadEpoch } from "./lead.ts";
import type { AttestationNotice, EpochRecordMessage, PeerStatus, Proposal } from "./messages.ts";
import { pruneEpochs } from "./prune.ts";
import type { ProposalAnswer } from "./refusal.ts";
import { renewContents } from "./renewContents.ts";
import { epochRecords, peerStatus, receiveAttestation } from "./serve.ts";
import { dueAtMs, type Place, turnOf } from "./turns.ts";

/** Longest sleep between two looks at the clock: turns move when others propose. */
const mostSleepMs = 250;
const pruneEvery = 16;

/** One operator's part in making epochs. */
export interface EpochEngine {
  /** When this node may lead, by what it knows now; null while it is no member or there is no set. */
  dueAtMs(): number | null;
  /** Leads an epoch if it is this node's turn; null if it is not. */
  turn(): Promise<LeadOutcome | null>;
  /**
   * Takes its turns until `signal` aborts.
   * @throws EpochOutdatedError
   */
  run(signal: AbortSignal): Promise<void>;

  considerProposal(proposal: Proposal): Promise<ProposalAnswer>;
  receiveAttestation(notice: AttestationNotice): Promise<boolean>;
  epochRecords(epoch: number): readonly EpochRecordMessage[];
  status(): PeerStatus;
}

/**
 * The epoch engine. It has no clock, network, chain or disk but those in `context`, so a simulation can run many of
 * them in one process.
 *
 * @example
 * const engine = createEpochEngine(context);
 * await engine.run(signal);
 */
export function createEpochEngine(context: Context): EpochEngine {
  const { clock, store, view, signer, timing, patience, log } = context;
  const follow = createFollower(context);
  let lastStartMs = clock.nowMs();
  let lastLedMs = lastStartMs;
  /** Proposals of others that came. */
  let rivals = 0;
  let lastHighest = store.highestEpoch();
  const newestAttested = () => store.newestAttested()?.header.epoch ?? 0;
  let lastAttested = newestAttested();

  /** Any new number, whoever's, starts the interval anew. */
  const noticeEpochs = () => {
    const attested = newestAttested();
    if (attested > lastAttested) patience.shrink();
    lastAttested = attested;
    const highest = store.highestEpoch();
    if (highest > lastHighest) lastStartMs = clock.nowMs();
    lastHighest = highest;
  };

  const place = (): Place | { readonly because: string } => {
    noticeEpochs();
    const cut = view.finalizedCut(store.lastSigned()?.cut ?? null);
    if (cut === null) return { because: "no-finalized-cut" };
    const set = view.operatorSetAt(cut);
    if (set === null) return { because: "no-operator-set" };
    const turn = turnOf(signer.address, lastHighest + 1, set.members);
    return turn === null ? { because: "not-a-member" } : { lastStartMs, lastLedMs, turn, members: set.members.length };
  };
  const due = () => {
    const mine = place();
    return "because" in mine ? null : dueAtMs(mine, context);
  };

  const tellNotReady = (because: string) => {
    log.warn({ because }, "not ready to lead an epoch");
    context.observe?.({ type: "not-ready", because });
  };
  /** Who can lead nothing has no turn at which to say so: it is said once an interval. */
  let excusedAtMs = clock.nowMs();
  const excuse = (because: string) => {
    if (clock.nowMs() < excusedAtMs + timing.epochIntervalMs) return;
    excusedAtMs = clock.nowMs();
    tellNotReady(because);
  };

  const turn = async (): Promise<LeadOutcome | null> => {
    const mine = place();
    if ("because" in mine) {
      excuse(mine.because);
      return null;
    }
    if (clock.nowMs() < dueAtMs(mine, context)) return null;
    // However it ends, the next try is an interval away; a failure must not become a busy loop.
    lastStartMs = clock.nowMs();
    lastLedMs = lastStartMs;
    const timeIsUpMs = lastStartMs + patience.stretch(timing.leaderTimeoutMs);
    const outcome = await leadEpoch(context, () => rivals);
    if (outcome.outcome !== "attested" && clock.nowMs() >= timeIsUpMs) patience.grow();
    lastHighest = store.highestEpoch();
    if (outcome.outcome === "not-ready") tellNotReady(outcome.because);
    return outcome;
  };

  let prunedAt = lastHighest;
  const pruneSometimes = () => {
    if (lastHighest < prunedAt + pruneEvery) return;
    prunedAt = lastHighest;
    log.debug({ pruned: pruneEpochs(context) }, "pruned epochs");
  };

  return {
    dueAtMs: due,
    turn,
    async run(signal) {
      await renewContents(context, signal);
      await catchUp(context, Math.ceil(context.peers.addresses.length / 2)).catch((error: unknown) => {
        log.warn({ err: error }, "could not catch up with peers");
      });
      while (!signal.aborted) {
        let waitMs = timing.epochIntervalMs;
        context.observe?.({ type: "turn" });
        try {
          await turn();
          pruneSometimes();
          waitMs = Math.min(mostSleepMs, Math.max(1, (due() ?? Number.POSITIVE_INFINITY) - clock.nowMs()));
        } catch (error) {
          log.error({ err: error }, "leading an epoch failed");
        }
        await clock.sleep(waitMs, signal);
      }
    },
    async considerProposal(proposal) {
      rivals++;
      const answer = await follow(proposal);
      noticeEpochs();
      return answer;
    },
    async receiveAttestation(notice) {
      const taken = await receiveAttestation(context, notice);
      noticeEpochs();
      return taken;
    },
    epochRecords: (epoch) => epochRecords(context, epoch),
    status: () => peerStatus(context),
  };
}
