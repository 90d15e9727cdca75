import type { ChainAddressKey, Eid, InstrumentId, UnderlyingId } from "@plimsoll/protocol/ids";
import type {
  Asset,
  CutBlock,
  ExpiryTerms,
  FundingTerms,
  Instrument,
  MarginParameters,
  RiskState,
  ScenarioSet,
  Underlying,
  VolatilityPolicy,
} from "@plimsoll/protocol/state";
import type { Address } from "viem";
import type { Database } from "../database.ts";
import { RiskRegistryNotReadyError } from "../errors.ts";
import { riskSettings } from "../tables/risk.ts";
import { at } from "./at.ts";

/** The risk registry at the end of a block of the hub. */
export function riskAt(database: Database, block: CutBlock): RiskState {
  const rows = database.drizzle
    .select({ setting: riskSettings.setting, version: riskSettings.version, atSeconds: riskSettings.atSeconds })
    .from(riskSettings)
    .where(at(riskSettings, block))
    .orderBy(riskSettings.kind, riskSettings.key)
    .all();
  const underlyings = new Map<UnderlyingId, Underlying>();
  const volatility = new Map<UnderlyingId, VolatilityPolicy>();
  const expiries = new Map<UnderlyingId, Map<number, ExpiryTerms>>();
  const funding = new Map<InstrumentId, FundingTerms>();
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
        const { kind: _, underlying, depthE8, ...value } = row.setting;
        underlyings.set(underlying, { ...value, depthE8: BigInt(depthE8) });
        break;
      }
      case "volatility": {
        const { kind: _, underlying, referenceVolatilityE8, stressedVolatilityE8, ...value } = row.setting;
        const levels = {
          referenceVolatilityE8: BigInt(referenceVolatilityE8),
          stressedVolatilityE8: BigInt(stressedVolatilityE8),
        };
        volatility.set(underlying, { ...value, ...levels });
        break;
      }
      case "expiry": {
        const { underlying, expirySeconds, ...text } = row.setting;
        const ofUnderlying = expiries.get(underlying) ?? new Map<number, ExpiryTerms>();
        expiries.set(underlying, ofUnderlying);
        ofUnderlying.set(expirySeconds, {
          basisRateE8: BigInt(text.basisRateE8),
          discountRateE8: BigInt(text.discountRateE8),
          atTheMoneyE8: BigInt(text.atTheMoneyE8),
          skewE8: BigInt(text.skewE8),
          curvatureE8: BigInt(text.curvatureE8),
          setAtSeconds: row.atSeconds,
        });
        break;
      }
      case "funding": {
        const { kind: _, instrument, ...value } = row.setting;
        funding.set(instrument, value);
        break;
      }
      case "asset": {
        const { kind: _, asset, depthE8, ...value } = row.setting;
        assets.set(asset, { ...value, depthE8: BigInt(depthE8) });
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
  const dated = { volatility, expiries, funding };
  return { version, underlyings, ...dated, assets, instruments, vaults, consumers, scenarios, margin };
}
