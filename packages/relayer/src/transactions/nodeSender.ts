import type { ChainConfig } from "@plimsoll/indexer/config";
import type { Database } from "@plimsoll/indexer/database";
import type { LocalAccount } from "viem";
import { systemClock } from "../clock.ts";
import { type GasConfig, senderPolicyOn } from "./config.ts";
import type { TransactionEvent } from "./events.ts";
import { createSender, type Sender } from "./sender.ts";
import { createSqliteTransactionStore } from "./sqliteTransactionStore.ts";
import { createViemTransactionChain } from "./viemTransactionChain.ts";

export interface NodeSenderOptions {
  readonly database: Database;
  readonly chain: ChainConfig;
  readonly gas: GasConfig;
  /** Pays. */
  readonly account: Pick<LocalAccount, "address" | "signTransaction">;
  readonly observe: (event: TransactionEvent) => void;
  /** Ends whatever waits. */
  readonly stopping: AbortSignal;
}

/** The sender of a node's transactions on one chain: its key, its file, its RPC endpoints. */
export function createNodeSender({ database, chain, gas, account, observe, stopping }: NodeSenderOptions): Sender {
  return createSender({
    chain: createViemTransactionChain({ ...chain, account }),
    store: createSqliteTransactionStore(database.drizzle, chain.eid),
    clock: systemClock,
    policy: senderPolicyOn(gas, chain.name, chain.pollMs),
    observe,
    stopping,
  });
}
