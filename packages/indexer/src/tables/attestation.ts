import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Address } from "viem";
import { hexText } from "./columns.ts";

/** Epochs posted on each chain. */
export const postedEpochs = sqliteTable(
  "posted_epochs",
  {
    eid: integer("eid").notNull(),
    epoch: integer("epoch").notNull(),
    block: integer("block").notNull(),
    logIndex: integer("log_index").notNull(),
    transactionHash: hexText("transaction_hash").notNull(),
    root: hexText("root").notNull(),
    chainRoot: hexText("chain_root").notNull(),
    expiresAtSeconds: integer("expires_at_seconds").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.block, table.logIndex] }),
    index("posted_epochs_newest").on(table.eid, table.epoch),
  ],
);

/** Operator sets, as the hub's registry changed them (`registry`) and as each chain installed them (`chain`). */
export const operatorSets = sqliteTable(
  "operator_sets",
  {
    eid: integer("eid").notNull(),
    source: text("source").$type<"registry" | "chain">().notNull(),
    id: integer("id").notNull(),
    block: integer("block").notNull(),
    logIndex: integer("log_index").notNull(),
    threshold: integer("threshold").notNull(),
    members: text("members", { mode: "json" }).$type<Address[]>().notNull(),
    /** Of its block; 0 for those that an earlier version read. */
    timestampSeconds: integer("timestamp_seconds").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.eid, table.block, table.logIndex] })],
);
