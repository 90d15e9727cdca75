import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import type { ChainAddressKey, Eid, InstrumentId, UnderlyingId } from "@plimsoll/protocol/ids";
import type {
  Asset,
  ExpiryTerms,
  FundingTerms,
  Instrument,
  InstrumentKind,
  MarginParameters,
  ScenarioSet,
  Underlying,
  VolatilityPolicy,
} from "@plimsoll/protocol/state";
import { type Address, decodeEventLog, type Hex, toEventSelector } from "viem";
import { eventAbi, lower, type RawLog } from "./log.ts";

/** As JSON keeps it: bigints as decimal text. */
export type AsText<value> = { [name in keyof value]: value[name] extends bigint ? string : value[name] };

/** One entry of the risk registry. Kept as JSON, so the fields that can be large are decimal text. */
export type RiskSetting =
  | ({ readonly kind: "underlying"; readonly underlying: UnderlyingId } & AsText<Underlying>)
  | ({ readonly kind: "volatility"; readonly underlying: UnderlyingId } & AsText<VolatilityPolicy>)
  | ({ readonly kind: "expiry"; readonly underlying: UnderlyingId; readonly expirySeconds: number } & AsText<
      Omit<ExpiryTerms, "setAtSeconds">
    >)
  | ({ readonly kind: "asset"; readonly asset: ChainAddressKey } & AsText<Asset>)
  | ({
      readonly kind: "instrument";
      readonly instrument: InstrumentId;
      readonly instrumentKind: InstrumentKind;
    } & AsText<Omit<Instrument, "kind">>)
  | ({ readonly kind: "funding"; readonly instrument: InstrumentId } & FundingTerms)
  | { readonly kind: "vault"; readonly eid: Eid; readonly vault: Address }
  | { readonly kind: "consumer"; readonly eid: Eid; readonly consumer: Address; readonly active: boolean }
  | ({ readonly kind: "scenarios" } & ScenarioSet)
  | ({ readonly kind: "margin" } & MarginParameters);

/** The registry was told something. `key` is unique within the kind. */
export interface RiskSettingChanged {
  readonly type: "risk-setting";
  readonly key: string;
  readonly setting: RiskSetting;
  readonly version: number;
}

const abi = eventAbi(riskRegistryAbi, [
  "UnderlyingSet",
  "VolatilityPolicySet",
  "ExpirySet",
  "FundingSet",
  "AssetSet",
  "InstrumentSet",
  "VaultSet",
  "ConsumerSet",
  "ScenarioSetSet",
  "MarginParametersSet",
]);

/** Numbered as in the contract. */
const instrumentKinds: readonly InstrumentKind[] = ["perpetual", "future", "call", "put"];

export const riskTopics: readonly Hex[] = abi.map((event) => toEventSelector(event));

export function decodeRisk(log: RawLog): RiskSettingChanged {
  const decoded = decodeEventLog({ abi, topics: log.topics, data: log.data });
  const changed = (key: string, setting: RiskSetting): RiskSettingChanged => {
    return { type: "risk-setting", key, setting, version: decoded.args.version };
  };
  switch (decoded.eventName) {
    case "UnderlyingSet": {
      const { underlying, value } = decoded.args;
      const id = lower(underlying);
      const { feed, depth, ...limits } = value;
      const text = { feed: lower(feed), depthE8: depth.toString() };
      return changed(id, { kind: "underlying", underlying: id, ...limits, ...text });
    }
    case "VolatilityPolicySet": {
      const { underlying, value } = decoded.args;
      const id = lower(underlying);
      const { referenceVolatility, stressedVolatility, ...bounds } = value;
      const referenceVolatilityE8 = referenceVolatility.toString();
      const stressedVolatilityE8 = stressedVolatility.toString();
      const text = { referenceVolatilityE8, stressedVolatilityE8 };
      return changed(id, { kind: "volatility", underlying: id, ...bounds, ...text });
    }
    case "ExpirySet": {
      const { underlying, expiry, value } = decoded.args;
      const id = lower(underlying);
      return changed(`${id}:${expiry}`, {
        kind: "expiry",
        underlying: id,
        expirySeconds: Number(expiry),
        basisRateE8: value.basisRate.toString(),
        discountRateE8: value.discountRate.toString(),
        atTheMoneyE8: value.atTheMoney.toString(),
        skewE8: value.skew.toString(),
        curvatureE8: value.curvature.toString(),
      });
    }
    case "FundingSet": {
      const { instrument, value } = decoded.args;
      return changed(lower(instrument), { kind: "funding", instrument: lower(instrument), ...value });
    }
    case "AssetSet": {
      const { eid, token, value } = decoded.args;
      const key: ChainAddressKey = `${eid}:${lower(token)}`;
      const { underlying, depth, ...rest } = value;
      const text = { underlying: lower(underlying), depthE8: depth.toString() };
      return changed(key, { kind: "asset", asset: key, ...rest, ...text });
    }
    case "InstrumentSet": {
      const { instrument, value } = decoded.args;
      const id = lower(instrument);
      return changed(id, {
        kind: "instrument",
        instrument: id,
        instrumentKind: instrumentKinds[value.kind] ?? "perpetual",
        underlying: lower(value.underlying),
        multiplierE8: value.multiplier.toString(),
        strikeE8: value.strike.toString(),
        expirySeconds: Number(value.expiry),
        chargeBps: value.chargeBps,
        basisBpsAYear: value.basisBpsAYear,
        mostBasisBps: value.mostBasisBps,
        shortMinimumBps: value.shortMinimumBps,
      });
    }
    case "VaultSet": {
      const { eid, vault } = decoded.args;
      return changed(`${eid}`, { kind: "vault", eid, vault: lower(vault) });
    }
    case "ConsumerSet": {
      const { eid, consumer, active } = decoded.args;
      return changed(`${eid}:${lower(consumer)}`, { kind: "consumer", eid, consumer: lower(consumer), active });
    }
    case "ScenarioSetSet": {
      const { value } = decoded.args;
      return changed("", { kind: "scenarios", ...value, underlyings: value.underlyings.map(lower) });
    }
    case "MarginParametersSet":
      return changed("", { kind: "margin", ...decoded.args.value });
  }
}
