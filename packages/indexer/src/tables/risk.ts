import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { RiskSetting } from "../decode/risk.ts";
import { addressText, bigintText, validity } from "./columns.ts";

/** Everything the risk registry was told, by kind and key. `eid` is the hub. */
export const riskSettings = sqliteTable(
  "risk_settings",
  {
    eid: integer("eid").notNull(),
    kind: text("kind").$type<RiskSetting["kind"]>().notNull(),
    key: text("key").notNull(),
    ...validity(),
    setting: text("setting", { mode: "json" }).$type<RiskSetting>().notNull(),
    version: integer("version").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.kind, table.key, table.fromBlock] }),
    index("risk_settings_in_force").on(table.eid, table.untilBlock, table.fromBlock),
  ],
);

/** Answers of the price feeds that the registry names. `eid` is the hub. */
export const feedAnswers = sqliteTable(
  "feed_answers",
  {
    eid: integer("eid").notNull(),
    feed: addressText("feed").notNull(),
    ...validity(),
    /** In the feed's own decimals. */
    answer: bigintText("answer").notNull(),
    updatedAtSeconds: integer("updated_at_seconds").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.feed, table.fromBlock] }),
    index("feed_answers_in_force").on(table.eid, table.untilBlock, table.fromBlock),
  ],
);
