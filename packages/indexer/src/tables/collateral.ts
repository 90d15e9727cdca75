import type { ConsumerWeight } from "@plimsoll/protocol/state";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { addressText, bigintText, hexText, validity } from "./columns.ts";

/** Cumulative totals as a chain's vault has them. */
export const vaultTotals = sqliteTable(
  "vault_totals",
  {
    eid: integer("eid").notNull(),
    account: hexText("account").notNull(),
    asset: addressText("asset").notNull(),
    ...validity(),
    deposited: bigintText("deposited").notNull(),
    withdrawn: bigintText("withdrawn").notNull(),
    requestedTotal: bigintText("requested_total").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.eid, table.asset, table.fromBlock] }),
    index("vault_totals_in_force").on(table.eid, table.untilBlock, table.fromBlock),
  ],
);

/** Cumulative totals as the hub's ledger has them. `eid` is the hub. */
export const ledgerTotals = sqliteTable(
  "ledger_totals",
  {
    eid: integer("eid").notNull(),
    vaultEid: integer("vault_eid").notNull(),
    account: hexText("account").notNull(),
    asset: addressText("asset").notNull(),
    ...validity(),
    deposited: bigintText("deposited").notNull(),
    withdrawn: bigintText("withdrawn").notNull(),
    sequence: bigintText("sequence").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.eid, table.vaultEid, table.asset, table.fromBlock] }),
    index("ledger_totals_in_force").on(table.eid, table.untilBlock, table.fromBlock),
  ],
);

/** How owners share their free capacity among consumers. `eid` is the hub. */
export const weights = sqliteTable(
  "weights",
  {
    eid: integer("eid").notNull(),
    account: hexText("account").notNull(),
    ...validity(),
    list: text("list", { mode: "json" }).$type<ConsumerWeight[]>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.eid, table.fromBlock] }),
    index("weights_in_force").on(table.eid, table.untilBlock, table.fromBlock),
  ],
);
