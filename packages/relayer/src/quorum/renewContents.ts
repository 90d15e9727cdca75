import type { Epoch } from "@plimsoll/protocol/epoch";
import type { Hex } from "viem";
import { EpochOutdatedError } from "../store/errors.ts";
import { compute, readState } from "./compute.ts";
import type { Context } from "./context.ts";
import { UnverifiableEpochError } from "./errors.ts";
import { refOf } from "./known.ts";
import type { EpochRef } from "./messages.ts";
import { chainsAtCut, isRelevantAt } from "./relevance.ts";
import { resolveEpoch } from "./resolve.ts";
import { checkBlocks } from "./rules.ts";

/** How often the index is looked at while it catches up. */
const lookAgainMs = 250;

/**
 * Puts what another version of the program kept of epochs into this version's layout. Epochs that nothing can build on any
 * more are forgotten. Of the others a peer may have the content by now; else they are computed again, with all that they
 * build on, as far back as it takes: cuts and order are on record for ever. Until then their content reads as missing, so
 * nothing is signed that builds on them; and as they count as kept, nothing is signed without them.
 *
 * @throws EpochOutdatedError when one that still counts comes out differently: the versions differ in more than a layout.
 */
export async function renewContents(context: Context, signal: AbortSignal): Promise<void> {
  const { store, view, log } = context;
  const outdated = store.outdated();
  if (outdated.length === 0) return;
  log.warn({ epochs: outdated.length }, "epochs were kept in another version's layout");
  const cuts = [...outdated.map(({ cut }) => cut), store.lastSigned()?.cut ?? []];
  while (cuts.some((cut) => checkBlocks(cut, view)?.code === "not-indexed-yet")) {
    if (signal.aborted) return;
    context.observe?.({ type: "turn" });
    await context.clock.sleep(lookAgainMs, signal);
  }
  const cut = store.lastSigned()?.cut ?? view.finalizedCut(null) ?? [];
  const chains = chainsAtCut([...cut], view.stateAt(cut));
  for (const one of outdated) if (isRelevantAt(one, chains)) await renew(context, refOf(one), signal);
  if (signal.aborted) return;
  const needless = store.outdated().map(refOf);
  store.prune(needless);
  log.warn({ renewed: outdated.length - needless.length, forgotten: needless.length }, "epochs are in our layout now");
}

async function renew(context: Context, ref: EpochRef, signal: AbortSignal): Promise<void> {
  const { store, peers, clock } = context;
  const [peer] = peers.addresses;
  try {
    if (peer !== undefined) await resolveEpoch(context, ref, peer);
  } catch (error) {
    if (!(error instanceof UnverifiableEpochError)) throw error;
    context.log.info({ epoch: ref.epoch, because: error.because }, "peers cannot give an epoch: it is computed again");
  }
  if (store.content(ref) !== null) return;
  const order = neededBy(context, ref);
  const neededUntil = new Map(
    order.flatMap((one, index) => (store.proposal(one)?.proposal.earlier ?? []).map(({ digest }) => [digest, index])),
  );
  const computed = new Map<Hex, Epoch>();
  for (const [index, one] of order.entries()) {
    if (signal.aborted) return;
    context.observe?.({ type: "turn" });
    computed.set(one.digest, await recompute(context, one, computed));
    for (const digest of computed.keys()) if ((neededUntil.get(digest) ?? 0) <= index) computed.delete(digest);
    // What answers peers and people runs in between.
    await clock.sleep(0, signal);
  }
}

/** Everything that has to be computed for an epoch, in an order in which it can be; the epoch last. */
function neededBy({ store }: Context, target: EpochRef): EpochRef[] {
  const needed = new Map([[target.digest, target]]);
  for (const ref of needed.values()) {
    for (const earlier of store.proposal(ref)?.proposal.earlier ?? []) {
      if (!needed.has(earlier.digest) && store.content(earlier) === null) needed.set(earlier.digest, earlier);
    }
  }
  return [...needed.values()].sort((a, b) => a.epoch - b.epoch);
}

/** What is kept of it in another layout is kept in ours from then on; what was pruned is not kept again. */
async function recompute(context: Context, ref: EpochRef, computed: ReadonlyMap<Hex, Epoch>): Promise<Epoch> {
  const { store, view } = context;
  const kept = store.proposal(ref);
  if (kept === null) throw new EpochOutdatedError(ref.epoch, "it is not on record");
  const { header, cut, earlier } = kept.proposal;
  const before = earlier.flatMap((one) => computed.get(one.digest) ?? store.content(one)?.epoch ?? []);
  const unread = checkBlocks(cut, view);
  const state = unread === null ? readState(context, cut) : { because: unread.code };
  if ("because" in state) throw new EpochOutdatedError(ref.epoch, state.because);
  const { epoch, operatorSetId, issuedAt } = header;
  const mine = await compute(context, { epoch, operatorSetId, issuedAt, state, earlier: before });
  if ("because" in mine) throw new EpochOutdatedError(ref.epoch, mine.because);
  if (mine.digest !== ref.digest) throw new EpochOutdatedError(ref.epoch, "it comes out differently");
  if (store.summary(ref)?.hasContent === true) store.saveVerified({ ...kept, epoch: mine.epoch });
  return mine.epoch;
}
