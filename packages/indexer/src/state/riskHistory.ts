import type { FundingPeriod } from "@plimsoll/protocol/funding";
import type { Eid, InstrumentId, UnderlyingId } from "@plimsoll/protocol/ids";
import type { CutBlock } from "@plimsoll/protocol/state";
import { and, asc, eq, inArray, lte } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { riskSettings } from "../tables/risk.ts";

/** A feed as it was registered. */
export interface RegisteredFeed {
  readonly feed: Address;
  readonly feedDecimals: number;
}

interface RegisteredConsumer {
  readonly eid: Eid;
  readonly consumer: Address;
  readonly active: boolean;
}

/** What the risk registry had been told at any time up to a block. */
export interface RiskHistory {
  fundingOf(instrument: InstrumentId): readonly FundingPeriod[];
  feedOf(underlying: UnderlyingId, atSeconds: number): RegisteredFeed | undefined;
  /** Ascending by eid, then address. */
  consumersAt(atSeconds: number): readonly RegisteredConsumer[];
}

export function riskHistoryAt(database: Database, block: CutBlock): RiskHistory {
  const rows = database.drizzle
    .select({ setting: riskSettings.setting, key: riskSettings.key, atSeconds: riskSettings.atSeconds })
    .from(riskSettings)
    .where(
      and(
        eq(riskSettings.eid, block.eid),
        inArray(riskSettings.kind, ["funding", "underlying", "consumer"]),
        lte(riskSettings.fromBlock, block.number),
      ),
    )
    .orderBy(asc(riskSettings.key), asc(riskSettings.fromBlock))
    .all();
  const periods = new Map<InstrumentId, FundingPeriod[]>();
  const feeds = new Map<UnderlyingId, (RegisteredFeed & { readonly atSeconds: number })[]>();
  const consumers = new Map<string, (RegisteredConsumer & { readonly atSeconds: number })[]>();
  const push = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value) => {
    const list = map.get(key);
    if (list) list.push(value);
    else map.set(key, [value]);
  };
  for (const { setting, key, atSeconds } of rows) {
    if (setting.kind === "funding") {
      const { kind: _, instrument, ...terms } = setting;
      push(periods, instrument, { fromSeconds: atSeconds, terms });
    } else if (setting.kind === "underlying") {
      push(feeds, setting.underlying, { feed: setting.feed, feedDecimals: setting.feedDecimals, atSeconds });
    } else if (setting.kind === "consumer") {
      push(consumers, key, { eid: setting.eid, consumer: setting.consumer, active: setting.active, atSeconds });
    }
  }
  const by = (seconds: number) => (one: { readonly atSeconds: number }) => one.atSeconds <= seconds;
  const inOrder = [...consumers.values()].sort(([a], [b]) => {
    if (a === undefined || b === undefined) return 0;
    return a.eid - b.eid || (a.consumer < b.consumer ? -1 : 1);
  });
  return {
    fundingOf: (instrument) => periods.get(instrument) ?? [],
    feedOf: (underlying, atSeconds) => feeds.get(underlying)?.findLast(by(atSeconds)),
    consumersAt: (atSeconds) => inOrder.flatMap((told) => told.findLast(by(atSeconds)) ?? []),
  };
}
