import type { Header } from "@plimsoll/protocol/epoch";
import type { Cut } from "@plimsoll/protocol/state";
import { blob, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Address, Hex } from "viem";
import type { EpochRef } from "../quorum/messages.ts";

/** One chain's sub-root. */
export interface ChainRoot {
  readonly eid: number;
  readonly root: Hex;
}

const hex = (name: string) => text(name).$type<Hex>().notNull();
const address = (name: string) => text(name).$type<Address>().notNull();

/**
 * Every epoch that this node verified: computed itself, or found to carry a quorum. Two rows may share a number when
 * two proposals competed for it; at most one of them is ever attested.
 */
export const epochs = sqliteTable(
  "relayer_epochs",
  {
    epoch: integer("epoch").notNull(),
    /** EIP-712 digest of the header: what names the epoch. */
    digest: hex("digest"),
    header: text("header", { mode: "json" }).$type<Header>().notNull(),
    cut: text("cut", { mode: "json" }).$type<Cut>().notNull(),
    chainRoots: text("chain_roots", { mode: "json" }).$type<ChainRoot[]>().notNull(),
    earlier: text("earlier", { mode: "json" }).$type<EpochRef[]>().notNull(),
    /** Of its content, if that is kept: another version of the program may have written it. */
    layout: integer("layout").notNull().default(0),
    /** The snapshot that its content is the difference to, and none where it is that itself; null: the content is whole. */
    snapshot: text("snapshot").$type<Hex>(),
    proposer: address("proposer"),
    proposerSignature: hex("proposer_signature"),
    /** When a quorum's signatures were first seen here; null before. */
    attestedAtMs: integer("attested_at_ms"),
  },
  (table) => [
    primaryKey({ columns: [table.epoch, table.digest] }),
    index("relayer_epochs_attested").on(table.attestedAtMs),
  ],
);

/**
 * The protocol's encoding of verified epochs, until it is pruned: the difference to a snapshot. In a table of its own:
 * whatever lies behind it in a row is read through it, and whatever changes beside it is written with it.
 */
export const contents = sqliteTable(
  "relayer_contents",
  {
    epoch: integer("epoch").notNull(),
    digest: hex("digest"),
    content: blob("content", { mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.epoch, table.digest] })],
);

/**
 * Epochs in full, as long as the content of any is the difference to them: tens of megabytes each with many accounts. Named
 * by digest.
 */
export const snapshots = sqliteTable("relayer_snapshots", {
  digest: text("digest").$type<Hex>().primaryKey(),
  content: blob("content", { mode: "buffer" }).notNull(),
});

/** One row an epoch, ever: what this node signed, written before the signature left the process. */
export const journal = sqliteTable("relayer_journal", {
  epoch: integer("epoch").primaryKey(),
  digest: hex("digest"),
  root: hex("root"),
  signature: hex("signature"),
  cut: text("cut", { mode: "json" }).$type<Cut>().notNull(),
  signedAtMs: integer("signed_at_ms").notNull(),
});

/** Every valid signature of a member seen. Two rows with one (epoch, signer) are proof of equivocation. */
export const signatures = sqliteTable(
  "relayer_signatures",
  {
    epoch: integer("epoch").notNull(),
    digest: hex("digest"),
    signer: address("signer"),
    signature: hex("signature"),
    /** With the signature all that a third party needs to check it. */
    header: text("header", { mode: "json" }).$type<Header>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.epoch, table.digest, table.signer] }),
    index("relayer_signatures_signer").on(table.epoch, table.signer),
  ],
);

/** Transactions by which this node posted an epoch. */
export const postings = sqliteTable(
  "relayer_postings",
  {
    eid: integer("eid").notNull(),
    epoch: integer("epoch").notNull(),
    reason: text("reason").notNull(),
    transactionHash: hex("transaction_hash"),
    blockNumber: integer("block_number").notNull(),
    gasUsed: integer("gas_used").notNull(),
    postedAtMs: integer("posted_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.eid, table.epoch] })],
);
