import { index, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";
import { addressText, bigintText, hexText, validity } from "./columns.ts";

/** An account's cash at one consumer. USD with 8 decimals. */
export const cash = sqliteTable(
  "cash",
  {
    eid: integer("eid").notNull(),
    consumer: addressText("consumer").notNull(),
    account: hexText("account").notNull(),
    ...validity(),
    amount: bigintText("amount").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.eid, table.consumer, table.fromBlock] }),
    index("cash_in_force").on(table.eid, table.consumer, table.untilBlock, table.fromBlock),
  ],
);

/** An account's size in one instrument at one consumer. Units with 8 decimals; zero once closed. */
export const positions = sqliteTable(
  "positions",
  {
    eid: integer("eid").notNull(),
    consumer: addressText("consumer").notNull(),
    account: hexText("account").notNull(),
    instrument: hexText("instrument").notNull(),
    ...validity(),
    size: bigintText("size").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.eid, table.consumer, table.instrument, table.fromBlock] }),
    index("positions_in_force").on(table.eid, table.consumer, table.untilBlock, table.fromBlock),
  ],
);
