import { setTimeout as sleep } from "node:timers/promises";
import type { DevnetAccount } from "@plimsoll/devnet/accounts";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import type { AccountId } from "@plimsoll/protocol/ids";
import { signOrder } from "@plimsoll/sdk/actions/signOrder";
import { type TradeReturnType, trade } from "@plimsoll/sdk/actions/trade";
import { type WaitForAccountParameters, waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { createPlimsoll, type Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { type DeployedChain, getChain } from "@plimsoll/sdk/deployment";
import { AllotmentExceeded } from "@plimsoll/sdk/errors/contract";
import type { Account } from "@plimsoll/sdk/node/accountSchema";
import { plimsollChains, type RpcUrls } from "@plimsoll/sdk/wallet/plimsollChains";
import { privateKeyConnector } from "@plimsoll/sdk/wallet/privateKeyConnector";
import { type Config, connect, createConfig } from "@wagmi/core";
import { type Address, getAddress } from "viem";
import type { System } from "../system/system.ts";

/** Somebody with a key and a margin account. */
export interface Trader {
  readonly name: string;
  readonly account: AccountId;
  readonly config: Config;
}

/** Everybody and everything the story speaks of. What traders do goes through the SDK alone. */
export interface Cast {
  readonly system: System;
  readonly plimsoll: Plimsoll;
  readonly alice: Trader;
  /** Takes the other side of every trade. */
  readonly maker: Trader;
  /** A vault, no market. */
  readonly alder: DeployedChain;
  /** The hub: a vault and a market. */
  readonly birch: DeployedChain;
  /** A market, no vault. */
  readonly cedar: DeployedChain;
  readonly usdc: { readonly alder: Address; readonly birch: Address };
}

/** Seconds on an idle machine; a busy one takes its time. */
export const patienceMs = 300_000;

export const bitcoin = nameToId("BTC-PERP");

/** Connects the traders to the operators' API and to the chains. */
export async function castStory(system: System): Promise<Cast> {
  const { deployment, accounts } = system.devnet;
  const plimsoll = await createPlimsoll({
    nodes: system.operators.map(({ url }) => url),
    pollIntervalMilliseconds: 200,
    // All of them share one machine, which may be busy.
    timeoutMilliseconds: 30_000,
  });
  const rpcUrls = Object.fromEntries(deployment.chains.map(({ name, rpcUrl }) => [name, rpcUrl]));
  const trader = (account: DevnetAccount) => connectTrader(plimsoll, rpcUrls, account);
  const [alder, birch, cedar] = ["alder", "birch", "cedar"].map((name) => getChain(plimsoll.deployment, name)) as [
    DeployedChain,
    DeployedChain,
    DeployedChain,
  ];
  const usdcOn = ({ eid }: DeployedChain): Address => {
    const token = deployment.tokens.find((each) => each.eid === eid && each.symbol === "USDC");
    return getAddress(token?.address ?? "0x");
  };
  return {
    system,
    plimsoll,
    alice: await trader(accounts.alice),
    maker: await trader(accounts.maker),
    alder,
    birch,
    cedar,
    usdc: { alder: usdcOn(alder), birch: usdcOn(birch) },
  };
}

/** Somebody's key in a wallet that is connected to every chain. */
export async function connectTrader(
  plimsoll: Plimsoll,
  rpcUrls: RpcUrls,
  { name, address, privateKey }: DevnetAccount,
): Promise<Trader> {
  const connectors = [privateKeyConnector({ privateKey, name })];
  const config = createConfig({ ...plimsollChains(plimsoll.deployment, rpcUrls), connectors, pollingInterval: 100 });
  const [connector] = config.connectors;
  if (connector !== undefined) await connect(config, { connector });
  return { name, account: makeAccountId(address), config };
}

/** Waits until somebody's account is as wanted. */
export function accountOf(cast: Cast, wanted: WaitForAccountParameters): Promise<Account> {
  return waitForAccount(cast.plimsoll, { timeoutMilliseconds: patienceMs, ...wanted });
}

export interface AliceTrades {
  readonly on: DeployedChain;
  /** Bitcoin, 8 decimals; positive buys. */
  readonly size: bigint;
  readonly priceE8: bigint;
  /** Gas limit. Given, it is sent without a simulation, and a refusal is mined. */
  readonly gas?: bigint;
}

/** Alice's order and the maker's, signed, filled against each other and checked by the market's contract. */
export async function aliceTrades(cast: Cast, { on, size, priceE8, gas }: AliceTrades): Promise<TradeReturnType> {
  const { plimsoll, alice, maker } = cast;
  const common = { eid: on.eid, instrument: bitcoin, limitPrice: priceE8 };
  const [taken, made] = await Promise.all([
    signOrder(alice.config, plimsoll, { ...common, account: alice.account, size }),
    signOrder(maker.config, plimsoll, { ...common, account: maker.account, size: -size }),
  ]);
  return trade(alice.config, plimsoll, { maker: made, taker: taken, size: size < 0n ? -size : size, gas, attempts: 8 });
}

/** As `aliceTrades`, and again while her allotment there is too small for it: room comes with the next epochs. */
export async function aliceTradesOnceAllowed(cast: Cast, wanted: AliceTrades): Promise<TradeReturnType> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await aliceTrades(cast, wanted);
    } catch (error) {
      if (!(error instanceof AllotmentExceeded) || performance.now() > deadlineMs) throw error;
      await sleep(cast.plimsoll.pollIntervalMilliseconds);
    }
  }
}
