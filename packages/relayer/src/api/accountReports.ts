import type { AccountId } from "@plimsoll/protocol/ids";
import type { AccountReport } from "@plimsoll/protocol/transition/account";
import { refOf } from "../quorum/known.ts";
import type { EpochSummary, VerifiedEpoch } from "../store/store.ts";
import { ProblemError } from "./problem.ts";
import type { ApiSource } from "./source.ts";

export type AccountReports = ReadonlyMap<AccountId, AccountReport>;

/**
 * What the transition told of every account at an epoch. Kept from when this node computed the epoch; computed again,
 * once, for an epoch that it took over from others.
 */
export function createAccountReports({ store, view, protocol }: Pick<ApiSource, "store" | "view" | "protocol">) {
  let last: { readonly digest: string; readonly reports: AccountReports } | null = null;

  const compute = (verified: VerifiedEpoch): AccountReports | null => {
    const { header, cut, earlier } = verified.proposal;
    const before = earlier.map((ref) => store.content(ref));
    const known = before.filter((one) => one !== null).map(({ epoch }) => epoch);
    if (known.length < before.length) return null;
    const { epoch, operatorSetId, issuedAt } = header;
    return protocol.transition({ epoch, operatorSetId, issuedAt, state: view.stateAt(cut), earlier: known }).accounts;
  };

  return (summary: EpochSummary): { readonly content: VerifiedEpoch; readonly reports: AccountReports } => {
    const content = store.content(refOf(summary));
    const reports =
      content === null
        ? null
        : (content.accounts ?? (last?.digest === summary.digest ? last.reports : null) ?? compute(content));
    if (content === null || reports === null) {
      const detail = "This node has just come back and has not computed an epoch yet.";
      throw new ProblemError(503, "no-epoch-yet", detail, "Try again in a moment, or ask another operator.");
    }
    last = { digest: summary.digest, reports };
    return { content, reports };
  };
}
