import type { Epoch, Header } from "@plimsoll/protocol/epoch";
import type { Cut, StateAtCut } from "@plimsoll/protocol/state";
import type { Address, Hex } from "viem";
import { nowSeconds } from "../clock.ts";
import { EpochAlreadySignedError } from "../store/errors.ts";
import type { VerifiedEpoch } from "../store/store.ts";
import { absorbSignatures } from "./attest.ts";
import { catchUp } from "./catchUp.ts";
import type { OperatorSet } from "./chainView.ts";
import { compute, readState } from "./compute.ts";
import type { Context } from "./context.ts";
import { UnverifiableEpochError } from "./errors.ts";
import { firstGiven } from "./firstGiven.ts";
import { deliverAttestation, deliverAttestationTo, type Gathered, gatherSignatures } from "./gather.ts";
import { postableEpochs, refOf } from "./known.ts";
import type { EpochRef } from "./messages.ts";
import { chainsAtCut, isRelevantAt } from "./relevance.ts";
import { resolveEpoch } from "./resolve.ts";
import { checkBlocks, checkCutProgress, checkInForce, checkRotationAt, mostEpochsSkipped } from "./rules.ts";
import { turnOf } from "./turns.ts";

/**
 * Proposals in one turn: each refusal for missing epochs is answered by one that counts them, and for a number that is not
 * higher by the next one, if that is this node's to lead.
 */
const mostProposals = 3;

export type LeadOutcome =
  | { readonly outcome: "attested"; readonly epoch: number }
  | { readonly outcome: "no-quorum"; readonly epoch: number }
  | { readonly outcome: "not-ready"; readonly because: string };

const notReady = (because: string): LeadOutcome => ({ outcome: "not-ready", because });

/**
 * Leads one epoch: proposes the newest finalized cut and gathers a quorum for it.
 *
 * @param rivals how many proposals of others have come.
 */
export async function leadEpoch(context: Context, rivals: () => number = () => 0): Promise<LeadOutcome> {
  const base = findCut(context);
  if ("because" in base) return notReady(base.because);
  const { set } = base;
  if (!set.members.includes(context.signer.address)) return notReady("not-a-member");

  // Without a quorum in reach a proposal would only leave one more signed epoch for everybody to count.
  const survey = await catchUp(context, set.threshold - 1);
  if (survey.answered < set.threshold - 1) return notReady("quorum-unreachable");

  let highest = survey.highestEpoch;
  for (let attempt = 1; ; attempt++) {
    const proposed = await propose(context, base, highest + 1);
    if ("because" in proposed) return notReady(proposed.because);
    const epoch = proposed.proposal.header.epoch;
    context.observe?.({ type: "proposed", epoch });
    const [startMs, rivalsBefore] = [context.clock.nowMs(), rivals()];
    const gathered = await gatherSignatures(context, proposed.proposal, set);
    for (const { refusal } of gathered.refusals) {
      context.observe?.({ type: "refused-by-peer", epoch, code: refusal.code });
    }
    if (gathered.attested) {
      context.observe?.({ type: "quorum", epoch, tookMs: context.clock.nowMs() - startMs });
      await deliverAttestation(context, refOf({ header: proposed.proposal.header, digest: proposed.digest }));
      return { outcome: "attested", epoch };
    }
    context.log.warn({ epoch, refusals: gathered.refusals }, "no quorum for a proposal");
    const learned = await learnFrom(context, gathered, epoch);
    highest = Math.max(epoch, context.store.highestEpoch(), highestRefused(gathered, epoch));
    if (!learned || attempt === mostProposals) return { outcome: "no-quorum", epoch };
    // Two that propose again at once stay in each other's way: of both, the next number is one's turn.
    const crossed =
      rivals() > rivalsBefore || gathered.refusals.some(({ refusal }) => refusal.code === "epoch-not-higher");
    const isFirst = turnOf(context.signer.address, highest + 1, set.members) === 0;
    if (crossed && !isFirst) return { outcome: "no-quorum", epoch };
  }
}

/** What an epoch would be of. */
interface Base {
  readonly cut: Cut;
  readonly set: OperatorSet;
  readonly state: StateAtCut;
}

function findCut(context: Context): Base | { readonly because: string } {
  const { view, store } = context;
  const cut = view.finalizedCut(newestCut(store.lastSigned()?.cut ?? null, store.newestAttested()?.cut ?? null));
  if (cut === null) return { because: "no-finalized-cut" };
  const blocks = checkBlocks(cut, view);
  if (blocks !== null) return { because: blocks.code };
  const set = view.operatorSetAt(cut);
  if (set === null) return { because: "no-operator-set" };
  const state = readState(context, cut);
  if ("because" in state) return state;
  const rotation = checkRotationAt(view, cut, set);
  return rotation === null ? { cut, set, state } : { because: rotation.code };
}

/** Of every chain the later block: a cut must not go back behind what any operator signed. */
function newestCut(one: Cut | null, other: Cut | null): Cut | null {
  if (one === null || other === null) return one ?? other;
  return one.map((block) => {
    const rival = other.find(({ eid }) => eid === block.eid);
    return rival !== undefined && rival.number > block.number ? rival : block;
  });
}

/** Computes, signs and stores the next epoch; its own signature is on disk before anybody hears of it. */
async function propose(
  context: Context,
  { cut, set, state }: Base,
  number: number,
): Promise<VerifiedEpoch | { readonly because: string }> {
  const { store, signer, clock } = context;
  if (number > nowSeconds(clock)) return { because: "epoch-too-far" };
  // All that depends on what this node signed is looked up with nothing signed in between: it may be a follower, too.
  return await context.signing(async () => {
    const wentBack = checkCutProgress(cut, store.lastSigned()?.cut ?? null);
    if (wentBack !== null) return { because: wentBack.code };
    const inForce = checkInForce(set.id, context.view);
    if (inForce !== null) return { because: inForce.code };
    const earlier = await earlierEpochs(context, cut, state, number);
    if ("because" in earlier) return earlier;
    const computed = await compute(context, {
      epoch: number,
      operatorSetId: set.id,
      issuedAt: nowSeconds(clock),
      state,
      earlier: earlier.epochs,
    });
    if ("because" in computed) return computed;
    const { digest, epoch, accounts } = computed;
    const header: Header = epoch.header;
    const signature = await signer.sign(digest, header);
    const proposal = { header, cut: [...cut], earlier: [...earlier.refs], signature };
    const verified = { digest, proposal, proposer: signer.address, epoch, accounts };
    try {
      store.recordSigned(verified, { signer: signer.address, signature }, clock.nowMs());
    } catch (error) {
      // Somebody else's proposal of that number was signed in the meantime.
      if (error instanceof EpochAlreadySignedError) return { because: "epoch-already-signed" };
      throw error;
    }
    return verified;
  });
}

/** Every verified epoch that may still matter at the cut, and in any case those posted there. */
async function earlierEpochs(
  context: Context,
  cut: Cut,
  state: StateAtCut,
  number: number,
): Promise<{ refs: readonly EpochRef[]; epochs: readonly Epoch[] } | { readonly because: string }> {
  const chains = chainsAtCut(cut, state);
  for (const { postedEpoch, postedRoot } of chains) {
    if (postedEpoch === null || postedRoot === null || holdsPosted(context, postedEpoch, postedRoot)) continue;
    if (!(await fetchPosted(context, postedEpoch, postedRoot))) return { because: "posted-epoch-unknown" };
  }
  const refs = postableEpochs(context.store)
    .filter((epoch) => epoch.header.epoch < number && isRelevantAt(epoch, chains))
    .map(refOf);
  const epochs: Epoch[] = [];
  for (const ref of refs) {
    const found = context.store.content(ref);
    if (found === null) return { because: "epoch-content-missing" };
    epochs.push(found.epoch);
  }
  return { refs, epochs };
}

/** A posted epoch that this node never saw attested: the peers have it. */
async function fetchPosted(context: Context, epoch: number, root: Hex): Promise<boolean> {
  const { peers, patience, timing, protocol } = context;
  const found = await firstGiven(context, peers.addresses, async (peer) => {
    try {
      const records = await peers.epochs(peer, epoch, patience.stretch(timing.peerTimeoutMs));
      for (const { proposal, signatures } of records.filter((one) => one.proposal.header.root === root)) {
        const ref = refOf({ header: proposal.header, digest: protocol.digest(proposal.header) });
        await resolveEpoch(context, ref, peer);
        await absorbSignatures(context, ref, signatures);
      }
    } catch (error) {
      context.log.debug({ epoch, peer, err: error }, "peer could not give a posted epoch");
    }
    return holdsPosted(context, epoch, root) ? true : null;
  });
  return found !== null;
}

/** Whether this node holds the epoch that a chain has taken: the contract there saw a quorum's signatures, if nobody else did. */
const holdsPosted = ({ store }: Context, epoch: number, root: Hex): boolean =>
  store.numbered(epoch).some(({ hasContent, header }) => hasContent && header.root === root);

/** Peers tell the highest number that they signed; one peer's word is not enough to skip over numbers for ever. */
const highestRefused = ({ refusals }: Gathered, epoch: number): number =>
  refusals.reduce(
    (highest, { refusal }) =>
      refusal.code === "epoch-not-higher" && refusal.highestSigned <= epoch + mostEpochsSkipped
        ? Math.max(highest, refusal.highestSigned)
        : highest,
    0,
  );

/**
 * Makes up for what the refusals say is missing, all at once and for no longer than a leader's time: one that refuses may
 * name what it never gives. True when another proposal may do better.
 */
async function learnFrom(context: Context, { refusals }: Gathered, proposed: number): Promise<boolean> {
  const { clock, patience, timing } = context;
  const untilMs = clock.nowMs() + patience.stretch(timing.leaderTimeoutMs);
  const each = refusals.map(async ({ from, refusal }) => {
    let learned = refusal.code === "epoch-not-higher";
    if (refusal.code !== "missing-epochs") return learned;
    for (const ref of refusal.missing) {
      if (clock.nowMs() > untilMs) break;
      // What is missing is earlier: a later number, once taken over, would be used up.
      if (ref.epoch < proposed) learned = (await settleMissing(context, ref, from)) || learned;
    }
    return learned;
  });
  return (await Promise.all(each)).includes(true);
}

/**
 * One of the two does not know enough: this node lacks the epoch, or the peer has not heard that a rival of it was
 * attested, and would ask for ever that its own be counted.
 */
async function settleMissing(context: Context, ref: EpochRef, from: Address): Promise<boolean> {
  const attested = context.store.attested(ref.epoch);
  if (attested === null || attested.digest === ref.digest) return await takeMissing(context, ref, from);
  return await deliverAttestationTo(context, refOf(attested), from);
}

async function takeMissing(context: Context, ref: EpochRef, from: Address): Promise<boolean> {
  try {
    await resolveEpoch(context, ref, from);
    return true;
  } catch (error) {
    if (!(error instanceof UnverifiableEpochError)) throw error;
    context.log.warn({ epoch: ref.epoch, from, because: error.because }, "could not take over an epoch");
    return false;
  }
}
