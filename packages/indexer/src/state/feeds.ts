import type { UnderlyingId } from "@plimsoll/protocol/ids";
import { averageAtExpiry, settlementWindowSeconds, type TimedAnswer } from "@plimsoll/protocol/settlement";
import type { CutBlock, ExpiryAverage, FeedPrice, FeedVolatility, RiskState } from "@plimsoll/protocol/state";
import { and, asc, desc, eq, gt, lte } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { feedAnswers, riskSettings } from "../tables/risk.ts";
import { at } from "./at.ts";

/** What the feeds' newest answers say, and what all of them say of volatility. */
export interface FeedsAtBlock {
  readonly prices: Map<UnderlyingId, FeedPrice>;
  readonly volatility: Map<UnderlyingId, FeedVolatility>;
}

/** The feeds at the end of a block. An underlying whose feed's newest answer is not positive has no price. */
export function feedsAt(database: Database, block: CutBlock, underlyings: RiskState["underlyings"]): FeedsAtBlock {
  const { feed, answer, updatedAtSeconds, volatility } = feedAnswers;
  const rows = database.drizzle
    .select({ feed, answer, updatedAtSeconds, volatility })
    .from(feedAnswers)
    .where(at(feedAnswers, block))
    .all();
  const answers = new Map(rows.map((row) => [row.feed, row]));
  const feeds: FeedsAtBlock = { prices: new Map(), volatility: new Map() };
  for (const [id, underlying] of underlyings) {
    const found = answers.get(underlying.feed);
    if (found?.volatility) feeds.volatility.set(id, found.volatility);
    if (found === undefined || found.answer <= 0n) continue;
    const priceE8 = toE8Down(found.answer, underlying.feedDecimals);
    feeds.prices.set(id, { priceE8, updatedAtSeconds: found.updatedAtSeconds });
  }
  return feeds;
}

/** By underlying, then by expiry: averages of all whose window has begun at a block, for registered dated instruments. */
export function averagesAt(
  database: Database,
  block: CutBlock,
  { instruments }: RiskState,
): Map<UnderlyingId, Map<number, ExpiryAverage>> {
  const averages = new Map<UnderlyingId, Map<number, ExpiryAverage>>();
  for (const { underlying, expirySeconds } of instruments.values()) {
    if (expirySeconds === 0 || block.timestampSeconds <= expirySeconds - settlementWindowSeconds) continue;
    const ofUnderlying = averages.get(underlying) ?? new Map<number, ExpiryAverage>();
    if (ofUnderlying.has(expirySeconds)) continue;
    ofUnderlying.set(expirySeconds, averageOf(database, block, underlying, expirySeconds));
    averages.set(underlying, ofUnderlying);
  }
  return averages;
}

/** By the feed that was registered when it expired: whatever is registered later changes no settlement. */
function averageOf(
  database: Database,
  block: CutBlock,
  underlying: UnderlyingId,
  expirySeconds: number,
): ExpiryAverage {
  const { setting } =
    database.drizzle
      .select({ setting: riskSettings.setting })
      .from(riskSettings)
      .where(
        and(
          eq(riskSettings.eid, block.eid),
          eq(riskSettings.kind, "underlying"),
          eq(riskSettings.key, underlying),
          lte(riskSettings.fromBlock, block.number),
          lte(riskSettings.atSeconds, expirySeconds),
        ),
      )
      .orderBy(desc(riskSettings.fromBlock))
      .limit(1)
      .get() ?? {};
  if (setting?.kind !== "underlying") return { priceSecondsE8: 0n, seconds: 0, settlementE8: null };
  const { feed, feedDecimals } = setting;
  const timed = ({ answer, atSeconds }: Row): TimedAnswer => ({ priceE8: toE8Down(answer, feedDecimals), atSeconds });
  const before = answersUpTo(database, block, feed, expirySeconds).map(timed);
  const after = firstAnswerAfter(database, block, feed, expirySeconds);
  return averageAtExpiry(before, after && timed(after), expirySeconds, block.timestampSeconds);
}

interface Row {
  readonly answer: bigint;
  readonly atSeconds: number;
}

/** The positive answers of the window before an expiry, and the one that held when it began. Ascending. */
function answersUpTo(database: Database, block: CutBlock, feed: Address, expirySeconds: number): Row[] {
  const start = expirySeconds - settlementWindowSeconds;
  const found: Row[] = [];
  const rows = database.drizzle
    .select({ answer: feedAnswers.answer, atSeconds: feedAnswers.atSeconds })
    .from(feedAnswers)
    .where(and(ofFeed(block, feed), lte(feedAnswers.atSeconds, expirySeconds)))
    .orderBy(desc(feedAnswers.atSeconds), desc(feedAnswers.fromBlock));
  // Page by page: the window is short, the history is not.
  for (let offset = 0; ; offset += pageSize) {
    const page = rows.limit(pageSize).offset(offset).all();
    for (const row of page) {
      if (row.answer <= 0n) continue;
      found.unshift(row);
      if (row.atSeconds <= start) return found;
    }
    if (page.length < pageSize) return found;
  }
}

const pageSize = 256;

function firstAnswerAfter(database: Database, block: CutBlock, feed: Address, expirySeconds: number): Row | undefined {
  return database.drizzle
    .select({ answer: feedAnswers.answer, atSeconds: feedAnswers.atSeconds })
    .from(feedAnswers)
    .where(and(ofFeed(block, feed), gt(feedAnswers.atSeconds, expirySeconds)))
    .orderBy(asc(feedAnswers.atSeconds), asc(feedAnswers.fromBlock))
    .limit(pageSize)
    .all()
    .find(({ answer }) => answer > 0n);
}

const ofFeed = (block: CutBlock, feed: Address) =>
  and(eq(feedAnswers.eid, block.eid), eq(feedAnswers.feed, feed), lte(feedAnswers.fromBlock, block.number));

/** A feed's answer with 8 decimals. */
export function toE8Down(answer: bigint, decimals: number): bigint {
  return decimals <= 8 ? answer * 10n ** BigInt(8 - decimals) : answer / 10n ** BigInt(decimals - 8);
}
