import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import { nameToId } from "@plimsoll/protocol/account";
import type { Eid } from "@plimsoll/protocol/ids";
import { refusedExpiries } from "@plimsoll/protocol/transition/expiries";
import { type Address, encodeFunctionData } from "viem";
import { SmileRefused } from "../errors.ts";
import {
  expiries,
  feedDecimals,
  funding,
  instruments,
  marginParameters,
  type UnderlyingName,
  underlyings,
  volatilityPolicy,
} from "./market-data.ts";
import { scenarioSet } from "./scenarios.ts";
import type { Token } from "./tokens.ts";
import type { DeployingChain, DeployingHub } from "./wire.ts";

/** Numbered as in the contract. */
const kinds = { perpetual: 0, future: 1, call: 2, put: 3 } as const;

/**
 * Tells the hub's risk registry what counts as collateral, what may be traded and how it is stressed. The registry is
 * left unsealed: on a devnet risk may be changed at once.
 *
 * @param feeds The feed of each underlying, by name.
 * @example
 * registerRisk(hub, { feeds, tokens, chains });
 */
export function registerRisk(
  hub: DeployingHub,
  {
    feeds,
    tokens,
    chains,
    nowSeconds,
  }: {
    readonly feeds: Readonly<Record<UnderlyingName, Address>>;
    readonly tokens: readonly (Token & { readonly eid: Eid })[];
    readonly chains: readonly DeployingChain[];
    /** The hub's time: expiries are counted from it. */
    readonly nowSeconds: number;
  },
): void {
  const call = (name: string, data: `0x${string}`) =>
    hub.batch.call(`RiskRegistry.${name}`, hub.contracts.riskRegistry, data);
  const abi = riskRegistryAbi;

  for (const { name, depthE8, freshSeconds, maxAgeSeconds, lastSeconds, widestBps } of underlyings) {
    const limits = { freshSeconds, maxAgeSeconds, lastSeconds, widestBps };
    const args = [nameToId(name), { feed: feeds[name], feedDecimals, ...limits, depth: depthE8 }] as const;
    call(`setUnderlying(${name})`, encodeFunctionData({ abi, functionName: "setUnderlying", args }));
    if (name === "USDC") continue;
    const policy = [nameToId(name), volatilityPolicy] as const;
    call(
      `setVolatilityPolicy(${name})`,
      encodeFunctionData({ abi, functionName: "setVolatilityPolicy", args: policy }),
    );
  }
  const expiryOf = (days: number) => BigInt(nowSeconds - (nowSeconds % 3600) + days * 86_400);
  refuseUnsoundSmiles(nowSeconds, expiryOf);
  for (const { underlying, days, terms } of expiries) {
    const args = [nameToId(underlying), expiryOf(days), terms] as const;
    call(`setExpiry(${underlying}, ${days} days)`, encodeFunctionData({ abi, functionName: "setExpiry", args }));
  }
  for (const { eid, symbol, address, decimals, underlying, haircutBps, depthE8 } of tokens) {
    const value = { underlying: nameToId(underlying), haircutBps, decimals, depth: depthE8 };
    const args = [eid, address, value] as const;
    call(`setAsset(${eid}, ${symbol})`, encodeFunctionData({ abi, functionName: "setAsset", args }));
  }
  for (const { name, kind, underlying, multiplierE8, strikeE8, expiryDays, ...charges } of instruments) {
    const value = {
      ...charges,
      kind: kinds[kind],
      underlying: nameToId(underlying),
      multiplier: multiplierE8,
      strike: strikeE8,
      expiry: kind === "perpetual" ? 0n : expiryOf(expiryDays),
    };
    const args = [nameToId(name), value] as const;
    call(`setInstrument(${name})`, encodeFunctionData({ abi, functionName: "setInstrument", args }));
    if (kind !== "perpetual") continue;
    const paid = [nameToId(name), funding] as const;
    call(`setFunding(${name})`, encodeFunctionData({ abi, functionName: "setFunding", args: paid }));
  }
  for (const { eid, contracts, consumers } of chains) {
    const { vault, market } = contracts;
    if (vault) {
      call(`setVault(${eid})`, encodeFunctionData({ abi, functionName: "setVault", args: [eid, vault] }));
    }
    for (const consumer of market ? [market, ...consumers] : consumers) {
      const args = [eid, consumer, true] as const;
      call(`setConsumer(${eid})`, encodeFunctionData({ abi, functionName: "setConsumer", args }));
    }
  }
  const scenarios = scenarioSet();
  const value = { ...scenarios, underlyings: scenarios.underlyings.map(nameToId) };
  call("setScenarioSet", encodeFunctionData({ abi, functionName: "setScenarioSet", args: [value] }));
  call(
    "setMarginParameters",
    encodeFunctionData({ abi, functionName: "setMarginParameters", args: [marginParameters] }),
  );
}

/** Operators would keep options of such an expiry reduce-only. Whoever registers smiles asks first, with the same check. */
function refuseUnsoundSmiles(nowSeconds: number, expiryOf: (days: number) => bigint): void {
  for (const name of new Set(expiries.map(({ underlying }) => underlying))) {
    const terms = expiries.flatMap(({ underlying, days, terms: { atTheMoney, skew, curvature, ...rates } }) => {
      if (underlying !== name) return [];
      const smile = { atTheMoneyE8: atTheMoney, skewE8: skew, curvatureE8: curvature };
      const { basisRate: basisRateE8, discountRate: discountRateE8 } = rates;
      return [[Number(expiryOf(days)), { ...smile, basisRateE8, discountRateE8, setAtSeconds: nowSeconds }] as const];
    });
    const refused = refusedExpiries(new Map(terms));
    if (refused.size > 0) throw new SmileRefused(`${name} at ${[...refused].join(", ")}`);
  }
}
