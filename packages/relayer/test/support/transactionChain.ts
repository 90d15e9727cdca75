import type { Database } from "@plimsoll/indexer/database";
import type { Address, PrivateKeyAccount } from "viem";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { TransactionChain } from "../../src/transactions/chain.ts";
import { gasSchema, senderPolicyOn } from "../../src/transactions/config.ts";
import type { TransactionEvent } from "../../src/transactions/events.ts";
import type { Intent } from "../../src/transactions/intent.ts";
import { createSender } from "../../src/transactions/sender.ts";
import { createSqliteTransactionStore } from "../../src/transactions/sqliteTransactionStore.ts";
import { createViemTransactionChain } from "../../src/transactions/viemTransactionChain.ts";

export const eid = 40001;
export const chainId = 31337;
const recipient: Address = `0x${"bb".repeat(20)}`;

interface Surroundings {
  readonly clock?: Clock;
  readonly bend?: (chain: TransactionChain) => TransactionChain;
}

/** How old a transaction has to be to be sent again, and to be replaced. */
export const rebroadcastMs = 100;
export const replaceAfterMs = 300;

/** A sender on a real chain, with a file of its own. */
export function senderOn(
  database: Database,
  rpcUrl: string,
  account: PrivateKeyAccount,
  { clock = systemClock, bend = (chain) => chain }: Surroundings = {},
) {
  const events: TransactionEvent[] = [];
  const settings = { name: "anvil", eid, chainId, rpcUrls: [rpcUrl], finality: { depth: 4 }, account } as const;
  const gas = gasSchema.parse({ replaceAfterMs, rebroadcastMs, maxFeeGwei: 50 });
  const chain = bend(createViemTransactionChain(settings));
  const store = createSqliteTransactionStore(database.drizzle, eid);
  const policy = senderPolicyOn(gas, "anvil", 20);
  const sender = createSender({ chain, store, clock, policy, observe: (event) => events.push(event) });
  const intent = (key: string, over: Partial<Intent> = {}): Intent => ({
    ...{ key, purpose: "report", to: recipient, data: "0x", valueWei: 7n, gasLimit: 30_000n },
    ...{ expiresAtMs: null, supersedes: false },
    ...over,
  });
  return { sender, store, events, intent, chain };
}
