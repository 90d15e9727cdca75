// A sender of its own that submits one transaction and dies, by its own hand, at the place it is told.
import { openDatabase } from "@plimsoll/indexer/database";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { migrateStore } from "../../src/store/migrate.ts";
import type { TransactionChain } from "../../src/transactions/chain.ts";
import { senderOn } from "./transactionChain.ts";

const [path = "", rpcUrl = "", privateKey = "", place = ""] = process.argv.slice(2);
const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new TypeError("unreachable");
};
const database = openDatabase(path);
migrateStore(database);
const dying = (chain: TransactionChain): TransactionChain => ({
  ...chain,
  async broadcast(raw) {
    if (place === "between record and sending") die();
    await chain.broadcast(raw);
    return die();
  },
});
const { sender, intent } = senderOn(database, rpcUrl, privateKeyToAccount(privateKey as Hex), {
  bend: dying,
});
await sender.submit(intent("a"));
