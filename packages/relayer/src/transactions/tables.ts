import { addressText, bigintText, hexText } from "@plimsoll/indexer/tables/columns";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Purpose } from "./intent.ts";

/**
 * `open`: not in a block. `mined`: in one that a reorg may take back. `final`: in one that stays.
 * `taken`: used up by a transaction that this node does not know.
 */
export type NonceState = "open" | "mined" | "final" | "taken";

/** One row for every nonce that this node gave out. Written before anything with that nonce leaves the process. */
export const nonces = sqliteTable(
  "relayer_nonces",
  {
    eid: integer("eid").notNull(),
    nonce: integer("nonce").notNull(),
    state: text("state").$type<NonceState>().notNull(),
    /** Nobody needs what it is for any more. */
    unwanted: integer("unwanted", { mode: "boolean" }).notNull(),
    /** Where it was mined; null while open. */
    minedHash: hexText("mined_hash"),
    blockNumber: integer("block_number"),
    blockHash: hexText("block_hash"),
    succeeded: integer("succeeded", { mode: "boolean" }),
    gasUsed: integer("gas_used"),
    feeWei: bigintText("fee_wei"),
    minedAtMs: integer("mined_at_ms"),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.nonce] }),
    index("relayer_nonces_state").on(table.eid, table.state, table.nonce),
  ],
);

/** Every transaction signed for a nonce, the first and those that replaced it. At most one is ever mined. */
export const attempts = sqliteTable(
  "relayer_attempts",
  {
    eid: integer("eid").notNull(),
    nonce: integer("nonce").notNull(),
    number: integer("number").notNull(),
    key: text("key").notNull(),
    purpose: text("purpose").$type<Purpose>().notNull(),
    to: addressText("to").notNull(),
    data: hexText("data").notNull(),
    valueWei: bigintText("value_wei").notNull(),
    gasLimit: bigintText("gas_limit").notNull(),
    maxFeePerGas: bigintText("max_fee_per_gas").notNull(),
    maxPriorityFeePerGas: bigintText("max_priority_fee_per_gas").notNull(),
    expiresAtMs: integer("expires_at_ms"),
    hash: hexText("hash").notNull(),
    /** The signed transaction: sent again, byte for byte, after a restart or a reorg. */
    raw: hexText("raw").notNull(),
    recordedAtMs: integer("recorded_at_ms").notNull(),
    /** The chain's head when it was signed. */
    recordedAtBlock: integer("recorded_at_block").notNull(),
    /** Last time it was handed to a node; null before the first. */
    sentAtMs: integer("sent_at_ms"),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.nonce, table.number] }),
    index("relayer_attempts_key").on(table.eid, table.key),
  ],
);
