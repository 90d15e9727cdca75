import type { Address } from "viem";
import type { Context } from "./context.ts";
import { enough } from "./enough.ts";
import { UnverifiableEpochError } from "./errors.ts";
import type { EpochRef, PeerStatus } from "./messages.ts";
import { resolveEpoch } from "./resolve.ts";
import { mostEpochsSkipped } from "./rules.ts";

export interface Survey {
  /** Peers that answered. */
  readonly answered: number;
  /** The highest epoch number that anybody knows, as far as that is believed. */
  readonly highestEpoch: number;
}

/**
 * Asks the peers how far they are, and takes over the attested epochs that this node lacks. Returns once
 * `peersNeeded` answered, or all did or failed to.
 */
export async function catchUp(context: Context, peersNeeded: number): Promise<Survey> {
  const { peers, store, timing, patience } = context;
  const statuses = new Map<Address, PeerStatus>();
  const asks = peers.addresses.map(async (peer) => {
    try {
      statuses.set(peer, await peers.status(peer, patience.stretch(timing.peerTimeoutMs)));
      return true;
    } catch (error) {
      context.log.debug({ peer, err: error }, "peer did not tell its status");
      return false;
    }
  });
  await enough(asks, peersNeeded);

  const lacking = new Map<string, { ref: EpochRef; from: Address }>();
  for (const [from, { attested }] of statuses) {
    for (const ref of attested) {
      const summary = store.summary(ref);
      // What is stored without content was pruned on purpose.
      if (summary === null || summary.attestedAtMs === null) lacking.set(ref.digest, { ref, from });
    }
  }
  const ascending = [...lacking.values()].sort((a, b) => a.ref.epoch - b.ref.epoch);
  for (const { ref, from } of ascending) await takeOver(context, ref, from);

  const own = store.highestEpoch();
  const told = [...statuses.values()].map(({ highestEpoch }) => highestEpoch);
  // One peer's word is not enough to skip over numbers for ever.
  const believable = told.filter((highest) => highest <= own + mostEpochsSkipped);
  return { answered: statuses.size, highestEpoch: Math.max(own, ...believable) };
}

async function takeOver(context: Context, ref: EpochRef, from: Address): Promise<void> {
  try {
    await resolveEpoch(context, ref, from);
  } catch (error) {
    if (!(error instanceof UnverifiableEpochError)) throw error;
    context.log.warn({ epoch: ref.epoch, from, because: error.because }, "could not take over an epoch");
  }
}
