import type { Database } from "@plimsoll/indexer/database";
import { openReadOnlyDatabase } from "@plimsoll/indexer/readOnlyDatabase";
import type { Epoch } from "@plimsoll/protocol/epoch";
import type { FileConfig } from "../config.ts";
import type { ChainView } from "../quorum/chainView.ts";
import { createProtocol } from "../quorum/createProtocol.ts";
import { createIndexView } from "../quorum/indexView.ts";
import type { EpochRef } from "../quorum/messages.ts";
import type { Protocol } from "../quorum/protocol.ts";
import { type KeptProposal, readProposals } from "../rebuild/readProposals.ts";
import { refuseUnmigratedStore } from "../store/migrate.ts";
import { createSqliteStore } from "../store/sqliteStore.ts";
import type { Store } from "../store/store.ts";

/** What a node's database holds, for commands that only look. */
export interface Kept {
  readonly database: Database;
  readonly store: Store;
  readonly view: ChainView;
  readonly protocol: Protocol;
  readonly eids: readonly number[];
  proposals(): readonly KeptProposal[];
  contentOf(ref: EpochRef): Epoch | null;
  close(): void;
}

/**
 * Opens a node's database to look at it, also while the node runs.
 *
 * @throws DatabaseError when the node has never run.
 * @throws StoreVersionError when it has not run since it was upgraded.
 * @example
 * const kept = openKept(loadConfigFile("operator.toml", process.env));
 */
export function openKept({ node, chains, domainSalt }: FileConfig): Kept {
  const database = openReadOnlyDatabase(node.database);
  try {
    refuseUnmigratedStore(database);
    const protocol = createProtocol(domainSalt);
    const store = createSqliteStore(database.drizzle, protocol);
    const eids = chains.map(({ eid }) => eid).sort((a, b) => a - b);
    const view = createIndexView(database, chains.find(({ hub }) => hub)?.eid ?? 0, eids);
    return {
      ...{ database, store, view, protocol, eids },
      proposals: () => readProposals(node.database),
      contentOf: (ref) => store.content(ref)?.epoch ?? null,
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
