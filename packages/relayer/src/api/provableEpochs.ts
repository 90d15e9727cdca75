import { type ProvableEpoch, provable } from "@plimsoll/protocol/proofs";
import { refOf } from "../quorum/known.ts";
import type { EpochSummary } from "../store/store.ts";
import { ProblemError } from "./problem.ts";
import type { ApiSource } from "./source.ts";

const treesKept = 8;

/** Epochs ready for proofs; the trees of the last few asked for are kept. */
export interface ProvableEpochs {
  /** The newest attested one, or the one of that number. */
  find(epoch: number | undefined): { readonly summary: EpochSummary; readonly provable: ProvableEpoch };
}

export function createProvableEpochs({ store }: Pick<ApiSource, "store">): ProvableEpochs {
  const kept = new Map<string, ProvableEpoch>();
  return {
    find(number) {
      const summary = findAttested(store, number);
      const known = kept.get(summary.digest);
      if (known !== undefined) return { summary, provable: known };
      const content = store.content(refOf(summary));
      if (content === null) {
        const detail = `Epoch ${summary.header.epoch} is too old: only its header is kept.`;
        throw new ProblemError(410, "epoch-pruned", detail, "Leave out epoch, and prove against the newest one.");
      }
      const made = provable(content.epoch);
      kept.set(summary.digest, made);
      for (const oldest of kept.keys()) {
        if (kept.size <= treesKept) break;
        kept.delete(oldest);
      }
      return { summary, provable: made };
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
