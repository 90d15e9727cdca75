import type { Address, Hex } from "viem";
import { keepSignatures, markAttested, validSignatures } from "./attest.ts";
import type { OperatorSet } from "./chainView.ts";
import type { Context } from "./context.ts";
import { enough } from "./enough.ts";
import { refOf } from "./known.ts";
import type { EpochRef, Proposal } from "./messages.ts";
import type { Refusal } from "./refusal.ts";

/** Between two tries to reach one peer. */
const tryAgainMs = 100;

export interface Gathered {
  readonly attested: boolean;
  readonly refusals: readonly { readonly from: Address; readonly refusal: Refusal }[];
}

/**
 * Asks every peer to sign, until a quorum did (this node's own signature counts, and is journaled already) or the
 * leader's time is up. A lost message is sent again: signing is idempotent.
 *
 * Once more have told what a better proposal needs than may lie, the others have twice the time which that took, and at least
 * a leader's usual one: to wait for who is silent, for as long as patience has grown, would hold up the next proposal.
 */
export async function gatherSignatures(context: Context, proposal: Proposal, set: OperatorSet): Promise<Gathered> {
  const { peers, clock, timing, patience } = context;
  const startMs = clock.nowMs();
  const ref = refOf({ header: proposal.header, digest: context.protocol.digest(proposal.header) });
  const deadlineMs = startMs + patience.stretch(timing.leaderTimeoutMs);
  const refusals: { from: Address; refusal: Refusal }[] = [];
  const finished = new AbortController();
  // At most one fewer may lie than two quorums have in common.
  let untilTaught = 2 * set.threshold - set.members.length;
  const givenUp = Promise.withResolvers<false>();

  const giveUpSoon = async () => {
    const tookMs = clock.nowMs() - startMs;
    await clock.sleep(Math.max(tookMs, timing.leaderTimeoutMs - tookMs), finished.signal);
    givenUp.resolve(false);
  };
  const ask = async (peer: Address): Promise<boolean> => {
    while (!finished.signal.aborted) {
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0) return false;
      try {
        const answer = await peers.propose(peer, proposal, leftMs);
        if ("signature" in answer) return await keepFrom(context, proposal, ref, set, peer, answer.signature);
        if (!mayPass(answer.refusal)) {
          refusals.push({ from: peer, refusal: answer.refusal });
          if (teaches(answer.refusal) && --untilTaught === 0) void giveUpSoon();
          return false;
        }
      } catch (error) {
        context.log.debug({ epoch: ref.epoch, peer, err: error }, "peer did not answer a proposal");
      }
      await clock.sleep(Math.min(tryAgainMs, leftMs));
    }
    return false;
  };

  const others = peers.addresses.filter((address) => set.members.includes(address));
  const attested = await Promise.race([enough(others.map(ask), set.threshold - 1), givenUp.promise]);
  finished.abort();
  if (attested) markAttested(context, ref);
  return { attested, refusals };
}

/** Another proposal may do better. */
const teaches = ({ code }: Refusal): boolean => code === "missing-epochs" || code === "epoch-not-higher";

/** The peer's index is a moment behind ours. */
const mayPass = (refusal: Refusal): boolean =>
  refusal.code === "not-indexed-yet" ||
  (refusal.code === "unverifiable-epoch" && refusal.because === "not-indexed-yet");

async function keepFrom(
  context: Context,
  proposal: Proposal,
  ref: EpochRef,
  set: OperatorSet,
  peer: Address,
  signature: Hex,
): Promise<boolean> {
  const valid = await validSignatures(context.protocol, proposal.header, [signature], set);
  if (valid[0]?.signer !== peer) {
    context.log.warn({ epoch: ref.epoch, peer }, "peer gave an invalid signature");
    return false;
  }
  keepSignatures(context, proposal.header, ref.digest, valid);
  return true;
}

/** Tells every peer that the epoch is attested. Whoever misses it hears of it with the next one. */
export async function deliverAttestation(context: Context, ref: EpochRef): Promise<void> {
  await Promise.all(context.peers.addresses.map((peer) => deliverAttestationTo(context, ref, peer)));
}

/** False when the peer could not be reached. */
export async function deliverAttestationTo(context: Context, ref: EpochRef, peer: Address): Promise<boolean> {
  const summary = context.store.summary(ref);
  if (summary === null) return false;
  const signatures = context.store.signaturesOf(ref).map(({ signature }) => signature);
  const timeoutMs = context.patience.stretch(context.timing.peerTimeoutMs);
  try {
    await context.peers.deliver(peer, { header: summary.header, signatures }, timeoutMs);
    return true;
  } catch (error) {
    context.log.debug({ epoch: ref.epoch, peer, err: error }, "peer did not take an attestation");
    return false;
  }
}
