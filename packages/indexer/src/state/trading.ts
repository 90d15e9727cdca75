import type { PremiumSample } from "@plimsoll/protocol/funding";
import type { Eid, InstrumentId } from "@plimsoll/protocol/ids";
import type { CutBlock } from "@plimsoll/protocol/state";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { toE8Down } from "./feeds.ts";
import type { RegisteredFeed } from "./riskHistory.ts";

/** What chains showed at any time up to the blocks of a cut. Sizes in units, all with 8 decimals. */
export interface TradingReader {
  /** The last that a market told of an instrument's premium. */
  sampleAt(eid: Eid, consumer: Address, instrument: InstrumentId, atSeconds: number): PremiumSample | undefined;
  /** Of all accounts, long and short alike. */
  heldAt(eid: Eid, consumer: Address, instrument: InstrumentId, atSeconds: number): bigint;
  /** A feed's last positive answer. */
  priceAt(feed: RegisteredFeed, atSeconds: number): bigint | undefined;
}

// Prepared once a state: there is a cell a window, for as long as an instrument is listed.
const place = "eid = ? AND consumer = ? AND instrument = ? AND at_seconds <= ? AND from_block <= ?";
const newest = "ORDER BY at_seconds DESC, from_block DESC LIMIT 1";

export function makeTradingReader(
  database: Database,
  hub: CutBlock,
  blocks: ReadonlyMap<Eid, CutBlock>,
): TradingReader {
  type Sample = [atSeconds: number, premiumSeconds: string, premium: string, volume: string];
  const { sqlite } = database;
  const samples = sqlite
    .prepare<unknown[], Sample>(
      `SELECT at_seconds, premium_seconds, premium, volume FROM premiums WHERE ${place} ${newest}`,
    )
    .raw();
  const held = sqlite.prepare<unknown[], string>(`SELECT size FROM open_interests WHERE ${place} ${newest}`).pluck();
  const answers = sqlite
    .prepare<unknown[], string>(
      `SELECT answer FROM feed_answers
       WHERE eid = ? AND feed = ? AND at_seconds <= ? AND from_block <= ? AND answer NOT IN ('0') AND answer NOT LIKE '-%'
       ${newest}`,
    )
    .pluck();
  const numberOf = (eid: Eid) => blocks.get(eid)?.number ?? -1;
  return {
    sampleAt(eid, consumer, instrument, seconds) {
      const row = samples.get(eid, consumer, instrument, seconds, numberOf(eid));
      if (row === undefined) return undefined;
      const [atSeconds, premiumSeconds, premium, volume] = row;
      return {
        atSeconds,
        premiumSecondsE8: BigInt(premiumSeconds),
        premiumE8: BigInt(premium),
        volumeE8: BigInt(volume),
      };
    },
    heldAt: (eid, consumer, instrument, seconds) =>
      BigInt(held.get(eid, consumer, instrument, seconds, numberOf(eid)) ?? 0),
    priceAt({ feed, feedDecimals }, seconds) {
      const answer = answers.get(hub.eid, feed, seconds, hub.number);
      return answer === undefined ? undefined : toE8Down(BigInt(answer), feedDecimals);
    },
  };
}
