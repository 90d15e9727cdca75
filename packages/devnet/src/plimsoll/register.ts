import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import { nameToId } from "@plimsoll/protocol/account";
import type { Eid } from "@plimsoll/protocol/ids";
import { type Address, encodeFunctionData } from "viem";
import { feedDecimals, instruments, marginParameters, type UnderlyingName, underlyings } from "./market-data.ts";
import { scenarioSet } from "./scenarios.ts";
import type { Token } from "./tokens.ts";
import type { DeployingChain, DeployingHub } from "./wire.ts";

const perpetual = 0;

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
  }: {
    readonly feeds: Readonly<Record<UnderlyingName, Address>>;
    readonly tokens: readonly (Token & { readonly eid: Eid })[];
    readonly chains: readonly DeployingChain[];
  },
): void {
  const call = (name: string, data: `0x${string}`) =>
    hub.batch.call(`RiskRegistry.${name}`, hub.contracts.riskRegistry, data);
  const abi = riskRegistryAbi;

  for (const { name, maxAgeSeconds } of underlyings) {
    const value = { feed: feeds[name], feedDecimals, maxAgeSeconds };
    const args = [nameToId(name), value] as const;
    call(`setUnderlying(${name})`, encodeFunctionData({ abi, functionName: "setUnderlying", args }));
  }
  for (const { eid, symbol, address, decimals, underlying, haircutBps } of tokens) {
    const value = { underlying: nameToId(underlying), haircutBps, decimals };
    const args = [eid, address, value] as const;
    call(`setAsset(${eid}, ${symbol})`, encodeFunctionData({ abi, functionName: "setAsset", args }));
  }
  for (const { name, underlying, multiplierE8, chargeBps } of instruments) {
    const value = {
      kind: perpetual,
      underlying: nameToId(underlying),
      multiplier: multiplierE8,
      strike: 0n,
      expiry: 0n,
      chargeBps,
    };
    const args = [nameToId(name), value] as const;
    call(`setInstrument(${name})`, encodeFunctionData({ abi, functionName: "setInstrument", args }));
  }
  for (const { eid, contracts } of chains) {
    const { vault, market } = contracts;
    if (vault) {
      call(`setVault(${eid})`, encodeFunctionData({ abi, functionName: "setVault", args: [eid, vault] }));
    }
    if (market) {
      call(`setConsumer(${eid})`, encodeFunctionData({ abi, functionName: "setConsumer", args: [eid, market, true] }));
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
