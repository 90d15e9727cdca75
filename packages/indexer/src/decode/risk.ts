import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import type { ChainAddressKey, Eid, InstrumentId, UnderlyingId } from "@plimsoll/protocol/ids";
import type { Asset, InstrumentKind, MarginParameters, ScenarioSet, Underlying } from "@plimsoll/protocol/state";
import { type Address, decodeEventLog, type Hex, toEventSelector } from "viem";
import { eventAbi, lower, type RawLog } from "./log.ts";

/** One entry of the risk registry. Kept as JSON, so the fields that can be large are decimal text. */
export type RiskSetting =
  | ({ readonly kind: "underlying"; readonly underlying: UnderlyingId } & Underlying)
  | ({ readonly kind: "asset"; readonly asset: ChainAddressKey } & Asset)
  | {
      readonly kind: "instrument";
      readonly instrument: InstrumentId;
      readonly instrumentKind: InstrumentKind;
      readonly underlying: UnderlyingId;
      readonly multiplierE8: string;
      readonly strikeE8: string;
      readonly expirySeconds: number;
      readonly chargeBps: number;
    }
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
      return changed(id, { kind: "underlying", underlying: id, ...value, feed: lower(value.feed) });
    }
    case "AssetSet": {
      const { eid, token, value } = decoded.args;
      const key: ChainAddressKey = `${eid}:${lower(token)}`;
      return changed(key, { kind: "asset", asset: key, ...value, underlying: lower(value.underlying) });
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
