import type { EpochSummary, Store } from "../store/store.ts";
import type { EpochRef } from "./messages.ts";
import type { KnownEpoch } from "./rules.ts";

export const refOf = ({ header, digest }: Pick<EpochSummary, "header" | "digest">): EpochRef => ({
  epoch: header.epoch,
  digest,
});

/**
 * Stored epochs that could still be posted or are. A number has at most one attested epoch, and its rivals can never
 * gather a quorum any more.
 */
export function postableEpochs(store: Store): readonly EpochSummary[] {
  const stored = store.withContent();
  const attested = new Set(stored.filter((one) => one.attestedAtMs !== null).map((one) => one.header.epoch));
  return stored.filter((one) => one.attestedAtMs !== null || !attested.has(one.header.epoch));
}

/** What rule 4 speaks of: the epochs that this node signed or saw attested. */
export const knownEpochs = (store: Store): readonly KnownEpoch[] =>
  postableEpochs(store)
    .filter((one) => one.signedByMe || one.attestedAtMs !== null)
    .map((one) => ({ ref: refOf(one), header: one.header, chainRoots: one.chainRoots }));
