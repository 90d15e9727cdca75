import { type Config, type Connector, connect, createConfig } from "@wagmi/core";
import type { Address, Hex } from "viem";
import { inject } from "vitest";
import { createPlimsoll, type Plimsoll } from "../../src/createPlimsoll.ts";
import { plimsollChains } from "../../src/wallet/plimsollChains.ts";
import { privateKeyConnector } from "../../src/wallet/privateKeyConnector.ts";

export interface Traders {
  readonly plimsoll: Plimsoll;
  readonly config: Config;
  readonly alice: Connector;
  readonly bob: Connector;
}

/** A wagmi config on the devnet with two connected wallets; alice's is the current one. */
export async function connectTraders(nodes: readonly string[]): Promise<Traders> {
  const { chains } = inject("deployment");
  const keys = inject("keys");
  // The nodes are stand-ins in the test's own process, which may have to wait for a core.
  const plimsoll = await createPlimsoll({ nodes, pollIntervalMilliseconds: 100, timeoutMilliseconds: 60_000 });
  const config = createConfig({
    ...plimsollChains(plimsoll.deployment, Object.fromEntries(chains.map(({ eid, rpcUrl }) => [eid, rpcUrl]))),
    connectors: [privateKeyConnector({ privateKey: keys.alice }), privateKeyConnector({ privateKey: keys.bob })],
    pollingInterval: 100,
  });
  const [alice, bob] = config.connectors;
  if (alice === undefined || bob === undefined) throw new TypeError("two connectors");
  await connect(config, { connector: bob });
  await connect(config, { connector: alice });
  return { plimsoll, config, alice, bob };
}

export function devnetChain(name: string) {
  const chain = inject("deployment").chains.find((candidate) => candidate.name === name);
  if (chain === undefined) throw new TypeError(name);
  return { ...chain, market: (chain.contracts.consumers[0] ?? "0x").toLowerCase() as Address };
}

export function devnetToken(name: string, symbol: string): Address {
  const { eid } = devnetChain(name);
  const token = inject("deployment").tokens.find((candidate) => candidate.eid === eid && candidate.symbol === symbol);
  if (token === undefined) throw new TypeError(symbol);
  return token.address.toLowerCase() as Hex;
}
