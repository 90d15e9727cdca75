import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { hexText } from "./columns.ts";
import type { ChainIdentity } from "./identity.ts";

/** Which contracts this file's history belongs to. */
export const deployment = sqliteTable("deployment", {
  eid: integer("eid").primaryKey(),
  identity: text("identity", { mode: "json" }).$type<ChainIdentity>().notNull(),
});

/** How far each chain has been read. Written in the same transaction as the rows of those blocks. */
export const checkpoints = sqliteTable("checkpoints", {
  eid: integer("eid").primaryKey(),
  indexedNumber: integer("indexed_number").notNull(),
  indexedHash: hexText("indexed_hash").notNull(),
  /** Newest finalized block that is also indexed under the same hash; null before the first. */
  finalizedNumber: integer("finalized_number"),
  /** Why this chain must not be followed any further; null when all is well. */
  halted: text("halted"),
});

/** Headers of the chain we follow. Every block within the unfinalized window, and every block read one by one. */
export const blocks = sqliteTable(
  "blocks",
  {
    eid: integer("eid").notNull(),
    number: integer("number").notNull(),
    hash: hexText("hash").notNull(),
    parentHash: hexText("parent_hash").notNull(),
    timestampSeconds: integer("timestamp_seconds").notNull(),
  },
  (table) => [primaryKey({ columns: [table.eid, table.number] })],
);
