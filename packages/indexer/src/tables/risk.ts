import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { RiskSetting } from "../decode/risk.ts";
import { addressText, bigintText, validity, volatilityText } from "./columns.ts";

/** Everything the risk registry was told, by kind and key. `eid` is the hub. */
export const riskSettings = sqliteTable(
  "risk_settings",
  {
    eid: integer("eid").notNull(),
    kind: text("kind").$type<RiskSetting["kind"]>().notNull(),
    key: text("key").notNull(),
    ...validity(),
    /** Time of `fromBlock`. */
    atSeconds: integer("at_seconds").notNull(),
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
    /** Time of `fromBlock`. */
    atSeconds: integer("at_seconds").notNull(),
    /** What this answer and all before it say of the feed's volatility; null before the first positive one. */
    volatility: volatilityText("volatility"),
  },
  (table) => [
    primaryKey({ columns: [table.eid, table.feed, table.fromBlock] }),
    index("feed_answers_in_force").on(table.eid, table.untilBlock, table.fromBlock),
    index("feed_answers_at").on(table.eid, table.feed, table.atSeconds),
  ],
);
