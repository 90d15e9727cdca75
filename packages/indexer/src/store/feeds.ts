import type { Eid } from "@plimsoll/protocol/ids";
import { and, eq } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { riskSettings } from "../tables/risk.ts";

/** Every feed that the hub's registry ever named: once followed, always followed. Ascending. */
export function everRegisteredFeeds(database: Database, hub: Eid): Address[] {
  const rows = database.drizzle
    .select({ setting: riskSettings.setting })
    .from(riskSettings)
    .where(and(eq(riskSettings.eid, hub), eq(riskSettings.kind, "underlying")))
    .all();
  const feeds = rows.flatMap(({ setting }) => (setting.kind === "underlying" ? [setting.feed] : []));
  return [...new Set(feeds)].sort();
}
