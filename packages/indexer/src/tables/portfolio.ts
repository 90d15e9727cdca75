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

/** What all accounts hold of one instrument at one consumer, long and short alike. Units with 8 decimals. */
export const openInterests = sqliteTable(
  "open_interests",
  {
    eid: integer("eid").notNull(),
    consumer: addressText("consumer").notNull(),
    instrument: hexText("instrument").notNull(),
    ...validity(),
    /** Time of `fromBlock`. */
    atSeconds: integer("at_seconds").notNull(),
    size: bigintText("size").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.consumer, table.instrument, table.fromBlock] }),
    index("open_interests_in_force").on(table.eid, table.consumer, table.untilBlock, table.fromBlock),
    index("open_interests_at").on(table.eid, table.consumer, table.instrument, table.atSeconds, table.fromBlock),
  ],
);

/** What a market told of the premium of its fills over the index. */
export const premiums = sqliteTable(
  "premiums",
  {
    eid: integer("eid").notNull(),
    consumer: addressText("consumer").notNull(),
    instrument: hexText("instrument").notNull(),
    ...validity(),
    /** Time of `fromBlock`. */
    atSeconds: integer("at_seconds").notNull(),
    /** Its integral until then: a fraction with 8 decimals, times seconds. */
    premiumSeconds: bigintText("premium_seconds").notNull(),
    /** From then on. */
    premium: bigintText("premium").notNull(),
    /** Filled in all. USD with 8 decimals. */
    volume: bigintText("volume").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.consumer, table.instrument, table.fromBlock] }),
    index("premiums_in_force").on(table.eid, table.consumer, table.untilBlock, table.fromBlock),
    index("premiums_at").on(table.eid, table.consumer, table.instrument, table.atSeconds, table.fromBlock),
  ],
);
