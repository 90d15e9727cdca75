import type { ChainAddressKey, Eid, InstrumentId, UnderlyingId } from "@plimsoll/protocol/ids";
import type {
  Asset,
  CutBlock,
  FeedPrice,
  Instrument,
  MarginParameters,
  RiskState,
  ScenarioSet,
  Underlying,
} from "@plimsoll/protocol/state";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { RiskRegistryNotReadyError } from "../errors.ts";
import { feedAnswers, riskSettings } from "../tables/risk.ts";
import { at } from "./at.ts";

/** The risk registry at the end of a block of the hub. */
export function riskAt(database: Database, block: CutBlock): RiskState {
  const rows = database.drizzle
    .select({ setting: riskSettings.setting, version: riskSettings.version })
    .from(riskSettings)
    .where(at(riskSettings, block))
    .orderBy(riskSettings.kind, riskSettings.key)
    .all();
  const underlyings = new Map<UnderlyingId, Underlying>();
  const assets = new Map<ChainAddressKey, Asset>();
  const instruments = new Map<InstrumentId, Instrument>();
  const vaults = new Map<Eid, Address>();
  const consumers = new Map<ChainAddressKey, boolean>();
  let scenarios: ScenarioSet | undefined;
  let margin: MarginParameters | undefined;
  let version = 0;
  for (const row of rows) {
    version = Math.max(version, row.version);
    switch (row.setting.kind) {
      case "underlying": {
        const { kind: _, underlying, ...value } = row.setting;
        underlyings.set(underlying, value);
        break;
      }
      case "asset": {
        const { kind: _, asset, ...value } = row.setting;
        assets.set(asset, value);
        break;
      }
      case "instrument": {
        const { kind: _, instrument, instrumentKind: kind, multiplierE8, strikeE8, ...value } = row.setting;
        const amounts = { multiplierE8: BigInt(multiplierE8), strikeE8: BigInt(strikeE8) };
        instruments.set(instrument, { kind, ...value, ...amounts });
        break;
      }
      case "vault":
        vaults.set(row.setting.eid, row.setting.vault);
        break;
      case "consumer":
        consumers.set(`${row.setting.eid}:${row.setting.consumer}`, row.setting.active);
        break;
      case "scenarios": {
        const { kind: _, ...value } = row.setting;
        scenarios = value;
        break;
      }
      case "margin": {
        const { kind: _, ...value } = row.setting;
        margin = value;
      }
    }
  }
  if (scenarios === undefined || margin === undefined) {
    const what = scenarios === undefined ? "scenario set" : "margin parameters";
    throw new RiskRegistryNotReadyError(`the risk registry has no ${what} yet`, "Set the registry up, then ask again.");
  }
  return { version, underlyings, assets, instruments, vaults, consumers, scenarios, margin };
}

/** The feeds' answers at the end of a block. An underlying whose feed never gave a positive answer has none. */
export function pricesAt(
  database: Database,
  block: CutBlock,
  underlyings: ReadonlyMap<UnderlyingId, Underlying>,
): Map<UnderlyingId, FeedPrice> {
  const { feed, answer, updatedAtSeconds } = feedAnswers;
  const rows = database.drizzle
    .select({ feed, answer, updatedAtSeconds })
    .from(feedAnswers)
    .where(at(feedAnswers, block))
    .all();
  const answers = new Map(rows.map((row) => [row.feed, row]));
  const prices = new Map<UnderlyingId, FeedPrice>();
  for (const [id, underlying] of underlyings) {
    const found = answers.get(underlying.feed);
    if (found === undefined || found.answer <= 0n) continue;
    const priceE8 = toE8Down(found.answer, underlying.feedDecimals);
    prices.set(id, { priceE8, updatedAtSeconds: found.updatedAtSeconds });
  }
  return prices;
}

function toE8Down(answer: bigint, decimals: number): bigint {
  return decimals <= 8 ? answer * 10n ** BigInt(8 - decimals) : answer / 10n ** BigInt(decimals - 8);
}
