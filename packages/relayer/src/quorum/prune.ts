import type { Hex } from "viem";
import type { Store } from "../store/store.ts";
import type { Context } from "./context.ts";
import { refOf } from "./known.ts";
import type { EpochRef } from "./messages.ts";
import { chainsAtCut, isRelevantAt } from "./relevance.ts";

/** Newest attested epochs kept in full although nothing needs them any more: somebody may still hold a proof. */
const newestKept = 32;

/**
 * Forgets the content of epochs that are posted nowhere and can never be posted again, judged by the last cut that
 * this node signed: no later proposal can need them. What a kept epoch without a quorum builds on is kept, too: others
 * believe such an epoch only after computing it from that.
 */
export function pruneEpochs(context: Context): number {
  const { store, view } = context;
  const cut = store.lastSigned()?.cut;
  if (cut === undefined) return 0;
  const chains = chainsAtCut([...cut], view.stateAt(cut));
  const newest = new Set(store.listAttested(newestKept).map(({ digest }) => digest));
  const stored = store.withContent();
  const kept = stored.filter((epoch) => newest.has(epoch.digest) || isRelevantAt(epoch, chains));
  const needed = new Set(kept.map(({ digest }) => digest));
  for (const { header, digest } of kept) keepFoundations(store, { epoch: header.epoch, digest }, needed);
  const needless = stored.filter(({ digest }) => !needed.has(digest)).map(refOf);
  if (needless.length > 0) store.prune(needless);
  return needless.length;
}

/** Adds all that an epoch was computed from, unless a quorum vouches for it. */
function keepFoundations(store: Store, ref: EpochRef, needed: Set<Hex>): void {
  if (store.summary(ref)?.attestedAtMs !== null) return;
  for (const earlier of store.content(ref)?.proposal.earlier ?? []) {
    if (needed.has(earlier.digest)) continue;
    needed.add(earlier.digest);
    keepFoundations(store, earlier, needed);
  }
}
