import type { Eid } from "@plimsoll/protocol/ids";
import { and, eq, lte } from "drizzle-orm";
import type { Address } from "viem";
import type { ChainConfig } from "../config.ts";
import type { Database } from "../database.ts";
import { riskSettings } from "../tables/risk.ts";

/** Every feed that the hub's registry named up to a block: once followed, always followed. Ascending. */
export function everRegisteredFeeds(database: Database, hub: Eid, to = Number.MAX_SAFE_INTEGER): Address[] {
  const rows = database.drizzle
    .select({ setting: riskSettings.setting })
    .from(riskSettings)
    .where(and(eq(riskSettings.eid, hub), eq(riskSettings.kind, "underlying"), lte(riskSettings.fromBlock, to)))
    .all();
  const feeds = rows.flatMap(({ setting }) => (setting.kind === "underlying" ? [setting.feed] : []));
  return [...new Set(feeds)].sort();
}

/** Those feeds of the configuration that the registry had not named up to a block. */
export function unnamedFeeds(database: Database, { eid, upcomingFeeds }: ChainConfig, to?: number): Address[] {
  if (upcomingFeeds.length === 0) return [];
  const named = new Set(everRegisteredFeeds(database, eid, to));
  return upcomingFeeds.filter((feed) => !named.has(feed));
}
