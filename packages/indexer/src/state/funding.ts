import {
  type FundingCell,
  fundingCells,
  fundingOfCell,
  type MarketPremium,
  premiumSecondsAt,
} from "@plimsoll/protocol/funding";
import type { Eid, InstrumentId } from "@plimsoll/protocol/ids";
import type { CutBlock, Instrument, RiskState } from "@plimsoll/protocol/state";
import type { Database } from "../database.ts";
import { fundingSums } from "./fundingSums.ts";
import { type RiskHistory, riskHistoryAt } from "./riskHistory.ts";
import { makeTradingReader, type TradingReader } from "./trading.ts";

/**
 * The funding index of every perpetual that has terms: what a long of one unit has paid since they were first registered.
 *
 * A function of the chains up to the cut, and of nothing else: whether there were epochs in between, and which, changes
 * nothing. Time is the hub's. Where the cut of a market's chain lags behind a cell's end, its premium counts as far as it is
 * known, and is put right once the cut has come past; then that cell stays what it is for ever, and its sum is kept in
 * memory.
 */
export function fundingAt(
  database: Database,
  hub: CutBlock,
  blocks: ReadonlyMap<Eid, CutBlock>,
  risk: RiskState,
): Map<InstrumentId, bigint> {
  const index = new Map<InstrumentId, bigint>();
  if (risk.funding.size === 0) return index;
  const history = riskHistoryAt(database, hub);
  const trading = makeTradingReader(database, hub, blocks);
  const everyCut = [hub, ...blocks.values()].map(({ timestampSeconds }) => timestampSeconds);
  const finalUntil = Math.min(...everyCut);
  for (const id of risk.funding.keys()) {
    const instrument = risk.instruments.get(id);
    if (instrument === undefined) continue;
    const sums = fundingSums(database, id);
    const known = sums.findLast(({ untilSeconds }) => untilSeconds < finalUntil);
    let fundingE8 = known?.fundingE8 ?? 0n;
    for (const cell of fundingCells(history.fundingOf(id), known?.untilSeconds ?? 0, hub.timestampSeconds)) {
      fundingE8 += paidIn(cell, id, instrument, history, trading);
      // Later blocks of that time or before it can be on no chain any more.
      if (cell.untilSeconds < finalUntil) sums.push({ untilSeconds: cell.untilSeconds, fundingE8 });
    }
    index.set(id, fundingE8);
  }
  return index;
}

function paidIn(
  cell: FundingCell,
  id: InstrumentId,
  { underlying, multiplierE8 }: Instrument,
  history: RiskHistory,
  trading: TradingReader,
): bigint {
  const { fromSeconds, untilSeconds } = cell;
  const feed = history.feedOf(underlying, untilSeconds);
  const priceE8 = feed && trading.priceAt(feed, untilSeconds);
  if (priceE8 === undefined) return 0n;
  const markE8 = (priceE8 * multiplierE8) / 100_000_000n;
  let heldE8 = 0n;
  const markets: MarketPremium[] = [];
  for (const { eid, consumer, active } of history.consumersAt(untilSeconds)) {
    heldE8 += trading.heldAt(eid, consumer, id, untilSeconds);
    if (!active) continue;
    const [before, after] = [fromSeconds, untilSeconds].map((at) => trading.sampleAt(eid, consumer, id, at));
    markets.push({
      premiumSecondsE8: premiumSecondsAt(after, untilSeconds) - premiumSecondsAt(before, fromSeconds),
      volumeE8: (after?.volumeE8 ?? 0n) - (before?.volumeE8 ?? 0n),
    });
  }
  // Whoever is long has somebody short against him.
  const openInterestE8 = (heldE8 * markE8) / 200_000_000n;
  return fundingOfCell(cell, { markE8, openInterestE8, markets });
}
