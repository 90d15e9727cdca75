import type { AccountId } from "@plimsoll/protocol/ids";
import type { AccountReport } from "@plimsoll/protocol/transition/account";
import { refOf } from "../quorum/known.ts";
import type { EpochSummary, VerifiedEpoch } from "../store/store.ts";
import { ProblemError } from "./problem.ts";
import { findAttested } from "./provableEpochs.ts";
import type { ApiSource } from "./source.ts";

export type AccountReports = ReadonlyMap<AccountId, AccountReport>;

/** What the transition told of every account, of the newest attested epoch for which it is known. */
export interface Reports {
  readonly content: VerifiedEpoch;
  readonly reports: AccountReports;
}

export interface ReportKeeper {
  /** Takes note of an attested epoch. Computes it where this node took it over from others: once an epoch, whoever asks. */
  note(summary: EpochSummary): void;
  /**
   * Never computes anything but the first time after a start: no request makes the node work.
   * @throws ProblemError no-epoch-yet
   */
  newest(): Reports;
}

export function createReportKeeper({
  store,
  view,
  protocol,
}: Pick<ApiSource, "store" | "view" | "protocol">): ReportKeeper {
  let known: Reports | null = null;
  let noted = "";

  const compute = (verified: VerifiedEpoch): AccountReports | null => {
    const { header, cut, earlier } = verified.proposal;
    const before = earlier.map((ref) => store.content(ref));
    const found = before.filter((one) => one !== null).map(({ epoch }) => epoch);
    if (found.length < before.length) return null;
    const { epoch, operatorSetId, issuedAt } = header;
    return protocol.transition({ epoch, operatorSetId, issuedAt, state: view.stateAt(cut), earlier: found }).accounts;
  };

  const note = (summary: EpochSummary) => {
    if (noted === summary.digest) return;
    noted = summary.digest; // also where it fails: it would fail again
    const content = store.content(refOf(summary));
    if (content === null || summary.header.epoch < (known?.content.epoch.header.epoch ?? 0)) return;
    const reports = content.accounts ?? compute(content);
    if (reports !== null) known = { content, reports };
  };

  return {
    note,
    newest() {
      if (known === null) note(findAttested(store, undefined));
      if (known !== null) return known;
      const detail = "This node has just come back and has not computed an epoch yet.";
      throw new ProblemError(503, "no-epoch-yet", detail, "Try again in a moment, or ask another operator.");
    },
  };
}
