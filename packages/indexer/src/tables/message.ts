import { index, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";
import { bigintText, hexText } from "./columns.ts";

// A message is what its events say together, joined by (guid, payload hash). Each event stays with the chain that
// emitted it, so a reorg on one chain takes back just its own part.

/** Where an event of a message happened, and which message. */
const happened = () => ({
  eid: integer("eid").notNull(),
  block: integer("block").notNull(),
  logIndex: integer("log_index").notNull(),
  transactionHash: hexText("transaction_hash").notNull(),
  timestampSeconds: integer("timestamp_seconds").notNull(),
  guid: hexText("guid").notNull(),
  payloadHash: hexText("payload_hash").notNull(),
});

const path = () => ({
  nonce: bigintText("nonce").notNull(),
  srcEid: integer("src_eid").notNull(),
  dstEid: integer("dst_eid").notNull(),
  sender: hexText("sender").notNull(),
  receiver: hexText("receiver").notNull(),
});

/** PacketSent, on the source chain. */
export const packetsSent = sqliteTable(
  "packets_sent",
  {
    ...happened(),
    ...path(),
    /** The account a collateral report speaks of. */
    account: hexText("account"),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.block, table.logIndex] }),
    index("packets_sent_message").on(table.guid, table.payloadHash),
    index("packets_sent_account").on(table.account, table.timestampSeconds),
    index("packets_sent_time").on(table.timestampSeconds, table.guid, table.payloadHash),
  ],
);

/** PacketVerified, on the destination chain. The same slot can be verified again with another hash. */
export const packetsVerified = sqliteTable("packets_verified", { ...happened(), ...path() }, (table) => [
  primaryKey({ columns: [table.eid, table.block, table.logIndex] }),
  index("packets_verified_message").on(table.guid, table.payloadHash),
  index("packets_verified_time").on(table.timestampSeconds, table.guid, table.payloadHash),
]);

/** PacketDelivered, on the destination chain: of the payload that was verified last before it. */
export const packetsDelivered = sqliteTable("packets_delivered", happened(), (table) => [
  primaryKey({ columns: [table.eid, table.block, table.logIndex] }),
  index("packets_delivered_message").on(table.guid, table.payloadHash),
]);

/** LzReceiveAlert: an execution that failed. The message can still be delivered later, by anybody. */
export const packetsFailed = sqliteTable("packets_failed", happened(), (table) => [
  primaryKey({ columns: [table.eid, table.block, table.logIndex] }),
  index("packets_failed_message").on(table.guid, table.payloadHash),
]);
