import type { Hex } from "viem";
import type { VerifiedEpoch } from "./store.ts";

/** Of how many epochs the accounts' reports are kept, beside what the root covers. */
const reportsKept = 3;
/** What was not asked for while so many newer epochs came is not needed for the next one either. */
const newerMost = 4;

/**
 * Decoded epochs by digest: those that were used of late, `size` at most. With 100,000 accounts of which each is allotted
 * something else in every epoch, as in a crash, one takes the best part of a hundred megabytes for every consumer.
 */
export function createContentCache(size: number) {
  const entries = new Map<Hex, { readonly verified: VerifiedEpoch; readonly usedIn: number }>();
  let newest = 0;
  let newer = 0;
  const put = (verified: VerifiedEpoch) => {
    const { digest, accounts, proposal } = verified;
    const known = entries.get(digest);
    if (proposal.header.epoch > newest) {
      newest = proposal.header.epoch;
      newer++;
    }
    entries.delete(digest);
    const kept = accounts === undefined && known !== undefined ? known.verified : verified;
    entries.set(digest, { verified: kept, usedIn: newer });
    for (const [oldest, { usedIn }] of entries) {
      if (entries.size <= size && usedIn >= newer - newerMost) break;
      entries.delete(oldest);
    }
    if (accounts !== undefined) dropOldReports();
  };
  const dropOldReports = () => {
    const reported = [...entries.values()]
      .filter(({ verified }) => verified.accounts !== undefined)
      .sort((a, b) => b.verified.proposal.header.epoch - a.verified.proposal.header.epoch);
    for (const { verified, usedIn } of reported.slice(reportsKept)) {
      const { accounts: _, ...rest } = verified;
      entries.set(rest.digest, { verified: rest, usedIn });
    }
  };
  return {
    put,
    get(digest: Hex): VerifiedEpoch | null {
      const found = entries.get(digest);
      if (found !== undefined) put(found.verified);
      return found?.verified ?? null;
    },
    drop: (digest: Hex) => entries.delete(digest),
  };
}
