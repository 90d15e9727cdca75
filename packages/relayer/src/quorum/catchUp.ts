import type { Address, Hex } from "viem";
import type { Context } from "./context.ts";
import { enough } from "./enough.ts";
import { UnverifiableEpochError } from "./errors.ts";
import type { EpochRef, PeerStatus } from "./messages.ts";
import { resolveAttested } from "./resolve.ts";
import { mostEpochsSkipped } from "./rules.ts";

export interface Survey {
  /** Peers that answered. */
  readonly answered: number;
  /** The highest epoch number that anybody knows, as far as that is believed. */
  readonly highestEpoch: number;
}

/**
 * Asks the peers how far they are, and takes over the attested epochs that this node lacks. Returns once that is done for
 * `peersNeeded` of them, or is done or failed for all: whoever tells of epochs that it does not give is not waited for.
 */
export async function catchUp(context: Context, peersNeeded: number): Promise<Survey> {
  const { peers, store, timing, patience } = context;
  const told: PeerStatus[] = [];
  const taking = new Set<Hex>();
  let finished = false;
  const lacks = ({ digest, epoch }: EpochRef): boolean => {
    // What is stored without content was pruned on purpose.
    const summary = store.summary({ digest, epoch });
    return summary === null || summary.attestedAtMs === null;
  };
  const takeOverFrom = async (from: Address, attested: readonly EpochRef[]) => {
    // What is on its way from another peer comes last: by then it may be here.
    const isUnderWay = ({ digest }: EpochRef) => taking.has(digest);
    const later: EpochRef[] = [];
    for (const ref of attested.filter(lacks)) {
      if (isUnderWay(ref)) later.push(ref);
      else if (!finished) {
        taking.add(ref.digest);
        await takeOver(context, ref, from);
      }
    }
    for (const ref of later) if (!finished && lacks(ref)) await takeOver(context, ref, from);
  };
  const asks = peers.addresses.map(async (peer) => {
    try {
      const status = await peers.status(peer, patience.stretch(timing.peerTimeoutMs));
      told.push(status);
      await takeOverFrom(peer, status.attested);
      return true;
    } catch (error) {
      context.log.debug({ peer, err: error }, "peer did not tell its status");
      return false;
    }
  });
  await enough(asks, peersNeeded);
  finished = true;

  const own = store.highestEpoch();
  // One peer's word is not enough to skip over numbers for ever.
  const believable = told.map(({ highestEpoch }) => highestEpoch).filter((one) => one <= own + mostEpochsSkipped);
  return { answered: told.length, highestEpoch: Math.max(own, ...believable) };
}

async function takeOver(context: Context, ref: EpochRef, from: Address): Promise<void> {
  try {
    await resolveAttested(context, ref, from);
  } catch (error) {
    if (!(error instanceof UnverifiableEpochError)) throw error;
    context.log.warn({ epoch: ref.epoch, from, because: error.because }, "could not take over an epoch");
  }
}
