import type { Epoch } from "@plimsoll/protocol/epoch";
import type { Cut } from "@plimsoll/protocol/state";
import type { Address, Hex } from "viem";
import { nowSeconds } from "../clock.ts";
import { createSerialize, type Serialize } from "../serialize.ts";
import { EpochAlreadySignedError } from "../store/errors.ts";
import type { VerifiedEpoch } from "../store/store.ts";
import { absorbSignatures, keepSignatures } from "./attest.ts";
import { type Computed, compute, readState } from "./compute.ts";
import type { Context } from "./context.ts";
import { UnverifiableEpochError } from "./errors.ts";
import { knownEpochs } from "./known.ts";
import type { Proposal } from "./messages.ts";
import { createPace, type Pace } from "./pace.ts";
import { mostTimes } from "./patience.ts";
import { type ProposalAnswer, type Refusal, refuse } from "./refusal.ts";
import { chainsAtCut } from "./relevance.ts";
import { resolveEpoch } from "./resolve.ts";
import {
  checkBlocks,
  checkCutProgress,
  checkCutShape,
  checkEpochNumber,
  checkInForce,
  checkIssuedAt,
  checkOperators,
  checkOutstanding,
  checkResult,
  checkRotationAt,
} from "./rules.ts";

/** How often a follower looks whether its index has caught up, or a proposal has all that it needs. */
const lookAgainMs = 25;

/** Considers proposals of all peers. */
export type Follower = (proposal: Proposal) => Promise<ProposalAnswer>;

/**
 * A follower's answer to a proposal: its signature, durable before it is given, or the reason why not.
 *
 * What comes first is decided first, at every follower, and before this node proposes something itself: else rivals share the
 * signatures out among them, and none has a quorum. That holds for a few leaders' time: what then still lacks blocks or earlier
 * epochs holds up nobody else any more, nor does that peer's next one, until one of them was signed. One proposal of each peer
 * is considered at a time.
 */
export function createFollower(context: Context): Follower {
  const pace = createPace(context.clock, context.timing.epochIntervalMs);
  const lanes = new Map<Address, Serialize>();
  const laneOf = (peer: Address): Serialize => {
    const lane = lanes.get(peer) ?? createSerialize();
    lanes.set(peer, lane);
    return lane;
  };
  /** Peers whose last proposal was waited for in vain. */
  const waitedFor = new Set<Address>();

  const consider = async (proposal: Proposal, proposer: Address, digest: Hex): Promise<ProposalAnswer> => {
    const decide = (ready: Ready) =>
      "epochs" in ready
        ? considerOne(context, proposal, { proposer, digest, pace, earlier: ready.epochs })
        : Promise.resolve(ready);
    let preparing: Promise<Ready> | null = null;
    if (!waitedFor.has(proposer)) {
      const early = await context.signing(async () => {
        preparing = prepare(context, proposal, proposer, digest);
        const ready = await inTime(context, preparing);
        return ready && (await decide(ready));
      });
      if (early !== null) return early;
    }
    const ready = await (preparing ?? prepare(context, proposal, proposer, digest));
    const answer = await context.signing(() => decide(ready));
    if ("signature" in answer) waitedFor.delete(proposer);
    else waitedFor.add(proposer);
    return answer;
  };

  return async (proposal) => {
    const { header } = proposal;
    const proposer = await context.protocol.recoverSigner(header, proposal.signature);
    if (proposer === null || !context.peers.addresses.includes(proposer)) return refuse({ code: "unknown-proposer" });
    const digest = context.protocol.digest(header);
    return await laneOf(proposer)(async () => {
      const answer = await consider(proposal, proposer, digest);
      if ("refusal" in answer) {
        context.log.warn({ epoch: header.epoch, proposer, refusal: answer.refusal }, "proposal refused");
        context.observe?.({ type: "refused", epoch: header.epoch, code: answer.refusal.code });
      }
      return answer;
    });
  };
}

type Ready = ProposalAnswer | { readonly epochs: readonly Epoch[] };

/** Null once the time is over that the most patient leader waits: so long a proposal may hold up what comes after it. */
async function inTime({ clock, timing }: Context, preparing: Promise<Ready>): Promise<Ready | null> {
  const untilMs = clock.nowMs() + mostTimes * timing.leaderTimeoutMs;
  for (;;) {
    const ready = await Promise.race([preparing, clock.sleep(lookAgainMs).then(() => null)]);
    if (ready !== null || clock.nowMs() >= untilMs) return ready;
  }
}

/** All that can be said of a proposal, and waited for, before what this node signs is looked at for good. */
async function prepare(context: Context, proposal: Proposal, proposer: Address, digest: Hex): Promise<Ready> {
  const { header, cut } = proposal;
  const { store, view, protocol, clock, timing } = context;

  const signed = store.signed(header.epoch);
  if (signed?.digest === digest) return { signature: signed.signature };
  if (signed !== null) keepSignatures(context, header, digest, [{ signer: proposer, signature: proposal.signature }]);

  const early =
    checkEpochNumber(header, store.highestSigned(), store.highestEpoch()) ??
    checkIssuedAt(header.issuedAt, nowSeconds(clock), timing.mostSkewSeconds) ??
    checkCutShape(cut, protocol.cutHash(cut), header, view.eids) ??
    checkCutProgress(cut, store.lastSigned()?.cut ?? null) ??
    (await waitForBlocks(context, cut));
  if (early !== null) return refuse(early);
  const operators = checkOperators(header, proposer, view.operatorSetAt(cut));
  if (operators !== null) return refuse(operators);
  keepSignatures(context, header, digest, [{ signer: proposer, signature: proposal.signature }]);
  const earlier = await resolveAll(context, proposal, proposer);
  return "code" in earlier ? refuse(earlier) : earlier;
}

interface Prepared {
  readonly proposer: Address;
  readonly digest: Hex;
  readonly pace: Pace;
  readonly earlier: readonly Epoch[];
}

/** With nothing signed in between: whatever depends on that is looked up here, whatever was found before. */
async function considerOne(
  context: Context,
  proposal: Proposal,
  { proposer, digest, pace, earlier }: Prepared,
): Promise<ProposalAnswer> {
  const { header, cut } = proposal;
  const { store, view, clock } = context;

  const signed = store.signed(header.epoch);
  if (signed?.digest === digest) return { signature: signed.signature };
  const overtaken =
    checkEpochNumber(header, store.highestSigned(), store.highestEpoch()) ??
    checkCutProgress(cut, store.lastSigned()?.cut ?? null) ??
    checkBlocks(cut, view) ??
    checkInForce(header.operatorSetId, view);
  if (overtaken !== null) return refuse(overtaken);
  const state = readState(context, cut);
  if ("because" in state) return refuse({ code: "not-computable", because: state.because });
  const set = view.operatorSetAt(cut);
  const rotation = set && checkRotationAt(view, cut, set);
  if (rotation !== null) return refuse(rotation);
  const outstanding = checkOutstanding(proposal, knownEpochs(store), chainsAtCut(cut, state));
  const { epoch: number, operatorSetId, issuedAt } = header;
  const computed = () => compute(context, { epoch: number, operatorSetId, issuedAt, state, earlier });
  if (outstanding !== null) {
    // A proposal whose answer got lost is sent again.
    const isHere = store.summary({ epoch: number, digest })?.hasContent === true;
    if (!isHere && pace.take(proposer)) {
      // The proposer hears of it first; what this node decides on next waits.
      context
        .signing(async () => takeOver(context, { digest, proposal, proposer }, await computed()))
        .catch((error: unknown) => context.log.error({ epoch: number, err: error }, "could not take over an epoch"));
    }
    return refuse(outstanding);
  }
  if (!pace.take(proposer)) return refuse({ code: "too-many-proposals" });

  const mine = await computed();
  if ("because" in mine) return refuse({ code: "not-computable", because: mine.because });
  const different = checkResult(digest, { digest: mine.digest, root: mine.epoch.header.root });
  if (different !== null) return refuse(different);

  const signature = await context.signer.sign(digest, header);
  try {
    const verified = { digest, proposal, proposer, epoch: mine.epoch, accounts: mine.accounts };
    store.recordSigned(verified, { signer: context.signer.address, signature }, clock.nowMs());
  } catch (error) {
    if (!(error instanceof EpochAlreadySignedError)) throw error;
    return refuse({ code: "epoch-not-higher", highestSigned: store.highestSigned() });
  }
  context.log.info({ epoch: header.epoch, root: header.root, proposer }, "signed");
  context.observe?.({ type: "signed", epoch: header.epoch });
  // Where two signatures are a quorum, the proposer's and this one are it.
  await absorbSignatures(context, { epoch: header.epoch, digest }, []);
  return { signature };
}

/**
 * An epoch that counts too few others gets no signature of this node, but has the proposer's and may get more. So it is to be
 * counted itself by whoever leads next: a leader that did not know of it would be refused for that by all who signed it, and
 * the one after it for that leader's epoch, for as long as leaders lag by one.
 */
function takeOver(
  context: Context,
  proposed: Pick<VerifiedEpoch, "digest" | "proposal" | "proposer">,
  computed: Computed | { readonly because: string },
): void {
  if ("because" in computed || computed.digest !== proposed.digest) return;
  context.store.saveVerified({ ...proposed, epoch: computed.epoch });
  context.log.info(
    { epoch: proposed.proposal.header.epoch, proposer: proposed.proposer },
    "took over an epoch unsigned",
  );
}

/** An index that merely lags gets a moment to catch up. */
async function waitForBlocks(context: Context, cut: Cut): Promise<Refusal | null> {
  const deadlineMs = context.clock.nowMs() + context.patience.stretch(context.timing.indexWaitMs);
  for (;;) {
    const refusal = checkBlocks(cut, context.view);
    if (refusal?.code !== "not-indexed-yet" || context.clock.nowMs() >= deadlineMs) return refusal;
    await context.clock.sleep(lookAgainMs);
  }
}

async function resolveAll(
  context: Context,
  proposal: Proposal,
  proposer: Address,
): Promise<{ readonly epochs: readonly Epoch[] } | Refusal> {
  const epochs: Epoch[] = [];
  let last = { epoch: 0, digest: "" };
  for (const ref of proposal.earlier) {
    const ascending = ref.epoch > last.epoch || (ref.epoch === last.epoch && ref.digest > last.digest);
    if (!ascending || ref.epoch >= proposal.header.epoch) {
      return { code: "not-computable", because: "earlier-epochs-not-ascending" };
    }
    last = ref;
    try {
      epochs.push((await resolveEpoch(context, ref, proposer)).epoch);
    } catch (error) {
      if (!(error instanceof UnverifiableEpochError)) throw error;
      return { code: "unverifiable-epoch", ref: error.ref, because: error.because };
    }
  }
  return { epochs };
}
