import type { Header } from "@plimsoll/protocol/epoch";
import type { Cut } from "@plimsoll/protocol/state";
import BetterSqlite3 from "better-sqlite3";
import { asc, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { Hex } from "viem";
import type { EpochRef } from "../quorum/messages.ts";
import { epochs, journal } from "../store/tables.ts";

/** What a node kept of how an epoch came about: all that is needed to compute it again, and what has to come out. */
export interface KeptProposal {
  readonly digest: Hex;
  readonly header: Header;
  readonly cut: Cut;
  /** The earlier epochs handed to the transition. */
  readonly earlier: readonly EpochRef[];
  readonly attested: boolean;
  /** By this node. */
  readonly signed: boolean;
}

/**
 * Every epoch that a node ever verified, attested or not, ascending by number and digest. Only reads, so the node may be
 * running.
 *
 * @param path of the node's database.
 * @example
 * const proposals = readProposals("operator.sqlite");
 */
export function readProposals(path: string): KeptProposal[] {
  const file = new BetterSqlite3(path, { readonly: true, fileMustExist: true });
  try {
    return drizzle({ client: file })
      .select({
        digest: epochs.digest,
        header: epochs.header,
        cut: epochs.cut,
        earlier: epochs.earlier,
        attestedAtMs: epochs.attestedAtMs,
        signedDigest: journal.digest,
      })
      .from(epochs)
      .leftJoin(journal, eq(journal.epoch, epochs.epoch))
      .orderBy(asc(epochs.epoch), asc(epochs.digest))
      .all()
      .map(({ attestedAtMs, signedDigest, ...proposal }) => ({
        ...proposal,
        attested: attestedAtMs !== null,
        signed: signedDigest === proposal.digest,
      }));
  } finally {
    file.close();
  }
}
