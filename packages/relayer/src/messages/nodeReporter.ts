import { assetPrices } from "@plimsoll/indexer/assetPrices";
import type { ChainConfig } from "@plimsoll/indexer/config";
import type { Database } from "@plimsoll/indexer/database";
import { ConfigError } from "@plimsoll/indexer/errors";
import { reportsUnderWay, unreportedCollateral } from "@plimsoll/indexer/unreported";
import type { Logger } from "pino";
import type { Address } from "viem";
import { systemClock } from "../clock.ts";
import type { Sender } from "../transactions/sender.ts";
import { chainReader } from "../transactions/viemTransactionChain.ts";
import type { MessagesConfig } from "./config.ts";
import { createReporter, type Reporter } from "./reporter.ts";
import { createReportsAtHub, createVaultReports } from "./vaultReports.ts";
import { worthAt } from "./worth.ts";

/** A node's reporter: its index, its senders, its RPC endpoints. */
export function createNodeReporter(options: {
  readonly policy: MessagesConfig;
  readonly database: Database;
  readonly chains: readonly { readonly chain: ChainConfig; readonly sender: Sender }[];
  readonly me: Address;
  readonly peers: readonly Address[];
  readonly log: Logger;
}): Reporter {
  const { policy, database, chains, me, peers, log } = options;
  const hub = chains.find(({ chain }) => chain.hub)?.chain;
  if (hub?.contracts.ledger == null) throw new ConfigError(["no chain is the hub, or the hub has no ledger"]);
  const reporting = chains.flatMap(({ chain, sender }) => {
    const { eid, name, contracts } = chain;
    if (chain.hub || contracts.vault === null) return [];
    return [[eid, { name, sender, prepare: createVaultReports(chainReader(chain), contracts.vault, me) }] as const];
  });
  return createReporter({
    ...{ policy, clock: systemClock, log, me, operators: [me, ...peers] },
    unreported: (beforeSeconds) => unreportedCollateral(database, hub.eid, beforeSeconds),
    worth: () => worthAt(assetPrices(database, hub.eid)),
    underWay: (one) => reportsUnderWay(database, one),
    chains: new Map(reporting),
    hub: createReportsAtHub(chainReader(hub), hub.contracts.endpoint, hub.contracts.ledger),
  });
}
