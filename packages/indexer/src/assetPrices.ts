import type { ChainAddressKey, Eid } from "@plimsoll/protocol/ids";
import { and, eq, inArray } from "drizzle-orm";
import type { Database } from "./database.ts";
import { toE8Down } from "./state/feeds.ts";
import { stillInForce } from "./tables/columns.ts";
import { feedAnswers, riskSettings } from "./tables/risk.ts";

export interface AssetPrice {
  /** USD for one whole token, 8 decimals. */
  readonly priceE8: bigint;
  /** The token's. */
  readonly decimals: number;
}

/**
 * What collateral is worth by its feed's newest answer on the hub, final or not, without haircut: to put things in order
 * by, not to be signed. Assets without a positive answer are left out.
 */
export function assetPrices({ drizzle }: Database, hub: Eid): ReadonlyMap<ChainAddressKey, AssetPrice> {
  const { eid, kind, setting, untilBlock } = riskSettings;
  const settings = drizzle
    .select({ setting })
    .from(riskSettings)
    .where(and(eq(eid, hub), eq(untilBlock, stillInForce), inArray(kind, ["asset", "underlying"])))
    .all();
  const answers = new Map(
    drizzle
      .select({ feed: feedAnswers.feed, answer: feedAnswers.answer })
      .from(feedAnswers)
      .where(and(eq(feedAnswers.eid, hub), eq(feedAnswers.untilBlock, stillInForce)))
      .all()
      .map(({ feed, answer }) => [feed, answer]),
  );
  const underlyings = new Map(
    settings.flatMap(({ setting: one }) => {
      if (one.kind !== "underlying") return [];
      return [[one.underlying, toE8Down(answers.get(one.feed) ?? 0n, one.feedDecimals)]];
    }),
  );
  return new Map(
    settings.flatMap(({ setting: one }): [ChainAddressKey, AssetPrice][] => {
      if (one.kind !== "asset") return [];
      const priceE8 = underlyings.get(one.underlying) ?? 0n;
      return priceE8 > 0n ? [[one.asset, { priceE8, decimals: one.decimals }]] : [];
    }),
  );
}
