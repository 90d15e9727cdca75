import type { ProvableEpoch } from "@plimsoll/protocol/proofs";
import { refOf } from "../quorum/known.ts";
import type { EpochSummary } from "../store/store.ts";
import { ProblemError } from "./problem.ts";
import type { ApiSource } from "./source.ts";

/** Newest attested epochs that proofs are given of, beside those that chains have posted. */
const newestProvable = 4;

/**
 * Epochs ready for proofs: the newest few, and those that a chain has posted, which a user may prove against without
 * posting a newer one. Others are refused, so that each epoch's trees are built at most once, whoever asks for what.
 */
export interface ProvableEpochs {
  /** Takes over the trees of an epoch that has just been attested, as long as they are at hand. */
  note(summary: EpochSummary): void;
  /** The newest attested one, or the one of that number. */
  find(epoch: number | undefined): { readonly summary: EpochSummary; readonly provable: ProvableEpoch };
}

export function createProvableEpochs({
  store,
  protocol,
  newestPosted,
}: Pick<ApiSource, "store" | "protocol" | "newestPosted">): ProvableEpochs {
  const kept = new Map<string, ProvableEpoch>();

  /** Null when it is too old. */
  const ready = (summary: EpochSummary): ProvableEpoch | null => {
    const known = kept.get(summary.digest);
    if (known !== undefined) return known;
    const wanted = new Set([
      ...store.listAttested(newestProvable).map(({ header }) => header.epoch),
      ...newestPosted().values(),
    ]);
    const content = wanted.has(summary.header.epoch) ? store.content(refOf(summary)) : null;
    if (content === null) return null;
    const made = protocol.provable(content.epoch);
    kept.set(summary.digest, made);
    for (const [digest, { epoch }] of kept) if (!wanted.has(epoch.header.epoch)) kept.delete(digest);
    return made;
  };

  return {
    note(summary) {
      ready(summary);
    },
    find(number) {
      const summary = findAttested(store, number);
      const provable = ready(summary);
      if (provable !== null) return { summary, provable };
      const detail = `Epoch ${summary.header.epoch} is too old for proofs.`;
      throw new ProblemError(410, "epoch-pruned", detail, "Leave out epoch, and prove against the newest one.");
    },
  };
}

/** @throws ProblemError unknown-epoch or no-epoch-yet */
export function findAttested(store: ApiSource["store"], epoch: number | undefined): EpochSummary {
  if (epoch !== undefined) {
    const found = store.attested(epoch);
    if (found !== null) return found;
    const detail = `Epoch ${epoch} is not attested as far as this node knows.`;
    throw new ProblemError(404, "unknown-epoch", detail, "GET /v1/epochs lists those that are.");
  }
  const newest = store.newestAttested();
  if (newest !== null) return newest;
  throw new ProblemError(
    503,
    "no-epoch-yet",
    "No epoch is attested yet.",
    "Try again in a moment; see GET /v1/health.",
  );
}
