import type { AccountReports } from "@plimsoll/protocol/transition/account-reports";
import type { Logger } from "pino";
import { refOf } from "../quorum/known.ts";
import type { EpochSummary, VerifiedEpoch } from "../store/store.ts";
import { ProblemError } from "./problem.ts";
import { findAttested } from "./provableEpochs.ts";
import type { ApiSource } from "./source.ts";

/** What the transition told of every account, of the newest attested epoch for which it is known. */
export interface Reports {
  readonly content: VerifiedEpoch;
  readonly reports: AccountReports;
}

export interface ReportKeeper {
  /**
   * Takes note of an attested epoch. Has it computed where this node took it over from others: once an epoch, whoever asks,
   * and one after the other.
   */
  note(summary: EpochSummary): void;
  /**
   * No request makes the node work, but for the first one after a start, which does not wait for it.
   * @throws ProblemError no-epoch-yet
   */
  newest(): Reports;
}

export function createReportKeeper(
  { store, view, protocol }: Pick<ApiSource, "store" | "view" | "protocol">,
  log: Logger,
): ReportKeeper {
  let known: Reports | null = null;
  let noted = "";
  let computing = Promise.resolve();

  const take = (content: VerifiedEpoch, reports: AccountReports) => {
    if (content.epoch.header.epoch >= (known?.content.epoch.header.epoch ?? 0)) known = { content, reports };
  };

  const compute = async (content: VerifiedEpoch): Promise<void> => {
    const { header, cut, earlier } = content.proposal;
    const { epoch, operatorSetId, issuedAt } = header;
    if (epoch < (known?.content.epoch.header.epoch ?? 0)) return;
    const before = earlier.map((ref) => store.content(ref));
    const found = before.filter((one) => one !== null).map((one) => one.epoch);
    if (found.length < before.length) return;
    const input = { epoch, operatorSetId, issuedAt, state: view.stateAt(cut), earlier: found };
    take(content, (await protocol.transition(input)).accounts);
  };

  const note = (summary: EpochSummary) => {
    if (noted === summary.digest) return;
    noted = summary.digest; // also where it fails: it would fail again
    const content = store.content(refOf(summary));
    if (content === null) return;
    if (content.accounts !== undefined) return take(content, content.accounts);
    computing = computing
      .then(() => compute(content))
      .catch((error: unknown) => log.error({ epoch: summary.header.epoch, err: error }, "accounts cannot be computed"));
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
