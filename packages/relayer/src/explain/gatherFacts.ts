import { listMessages } from "@plimsoll/indexer/messages";
import { accountProvenance } from "@plimsoll/indexer/provenance";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { FileConfig } from "../config.ts";
import { refOf } from "../quorum/known.ts";
import type { Kept } from "../replay/openKept.ts";
import { ExplainError } from "./errors.ts";
import type { ExplainFacts } from "./explainAccount.ts";

/** Reports that are looked through for those that explain something: an account's newest. */
const newestMessages = 500;

/**
 * Computes an attested epoch again, and takes from it and from the database what explains one account.
 *
 * @param number the epoch; the newest one without it.
 * @throws ExplainError
 */
export async function gatherFacts(
  { database, store, view, protocol, contentOf }: Kept,
  { chains }: Pick<FileConfig, "chains">,
  account: AccountId,
  number: number | undefined,
): Promise<ExplainFacts> {
  const summary = number === undefined ? store.newestAttested() : store.attested(number);
  if (summary === null) {
    const what = number === undefined ? "No epoch is attested yet." : `Epoch ${number} is not attested here.`;
    throw new ExplainError(what, "Wait for an epoch; plimsoll status tells how the node is doing.");
  }
  const content = store.content(refOf(summary));
  const earlier = content?.proposal.earlier.map(contentOf) ?? [];
  if (content === null || !earlier.every((one) => one !== null)) {
    throw new ExplainError(`Epoch ${summary.header.epoch} is no longer kept in full.`, "Leave out --epoch.");
  }
  const { epoch, operatorSetId, issuedAt } = summary.header;
  const state = view.stateAt(summary.cut);
  const { accounts } = await protocol.transition({ epoch, operatorSetId, issuedAt, state, earlier });
  const report = accounts.get(account);
  const messages = listMessages(database, { account, limit: newestMessages });
  if (report === undefined) {
    const underWay = messages.filter(({ status }) => status !== "delivered").map(({ guid }) => guid);
    const known = underWay.length === 0 ? "" : ` Messages under way: ${underWay.join(", ")}.`;
    const hint =
      "An account is its owner's address and a 12 byte sub-account number; it counts from its first report on.";
    throw new ExplainError(`${account} has nothing in epoch ${epoch}.${known}`, hint);
  }
  const names = new Map(chains.map(({ eid, name }) => [eid, name]));
  return {
    ...{ account, epoch: content.epoch, state, report, messages },
    provenance: accountProvenance(database, state.hub.eid, summary.cut, account),
    chainName: (eid) => names.get(eid) ?? `${eid}`,
  };
}
