import type { Hex } from "viem";
import type { VerifiedEpoch } from "./store.ts";

/** Of how many epochs the accounts' reports are kept, beside what the root covers. */
const reportsKept = 3;

/** The last `size` decoded epochs used, by digest. */
export function createContentCache(size: number) {
  const entries = new Map<Hex, VerifiedEpoch>();
  const put = (verified: VerifiedEpoch) => {
    const known = entries.get(verified.digest);
    entries.delete(verified.digest);
    entries.set(verified.digest, verified.accounts === undefined && known !== undefined ? known : verified);
    for (const oldest of entries.keys()) {
      if (entries.size <= size) break;
      entries.delete(oldest);
    }
    if (verified.accounts !== undefined) dropOldReports();
  };
  const dropOldReports = () => {
    const reported = [...entries.values()]
      .filter(({ accounts }) => accounts !== undefined)
      .sort((a, b) => b.proposal.header.epoch - a.proposal.header.epoch);
    for (const { accounts: _, ...rest } of reported.slice(reportsKept)) entries.set(rest.digest, rest);
  };
  return {
    put,
    get(digest: Hex): VerifiedEpoch | null {
      const found = entries.get(digest);
      if (found !== undefined) put(found);
      return found ?? null;
    },
    drop: (digest: Hex) => entries.delete(digest),
  };
}
