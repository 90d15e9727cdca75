import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { RiskSetting } from "../decode/risk.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import { addressText, bigintText, hexText, validity, volatilityText } from "./columns.ts";

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

/**
 * What has been read of the history of feeds that the registry had not named before, in ranges up to a block each; nothing
 * once it is all there and has become answers. `eid` is the hub.
 */
export const feedHistories = sqliteTable(
  "feed_histories",
  {
    eid: integer("eid").notNull(),
    feed: addressText("feed").notNull(),
    /** The last block of the range. */
    number: integer("number").notNull(),
    hash: hexText("hash").notNull(),
    /** Those that hold answers. */
    blocks: text("blocks", { mode: "json" }).$type<readonly BlockWithLogs[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.eid, table.feed, table.number] })],
);
