import { developmentAccounts } from "@plimsoll/devnet/accounts";
import { type Chain, startAnvil } from "@plimsoll/devnet/chains/anvil";
import { freePorts } from "@plimsoll/devnet/chains/port";
import type { CutBlock } from "@plimsoll/protocol/state";
import { type Address, getContractAddress } from "viem";
import { type ChainConfig, type ChainConfigInput, chainConfigSchema } from "../../src/config.ts";
import { type Emission, emitterInitCode } from "./emitter.ts";

/** An anvil whose contracts are emitters: it can be given any history. Mines only when told to. */
export interface TestChain extends Chain {
  readonly config: ChainConfig;
  /** Mines one block with these logs in this order. Its timestamp is the parent's plus one. */
  mine(...emissions: readonly Emission[]): Promise<void>;
  /** The same with a timestamp of one's own, later than the parent's. */
  mineAt(timestampSeconds: number, ...emissions: readonly Emission[]): Promise<CutBlock>;
  newest(): Promise<CutBlock>;
  /** Replaces the last `depth` blocks by `depth` blocks, with these logs in their first. */
  reorg(depth: number, ...emissions: readonly Emission[]): Promise<void>;
}

const sender = developmentAccounts(1).deployer.address;
const gas = 300_000n;

/** Starts a chain and deploys an emitter for every contract it can have, plus some for price feeds, in block 1. */
export async function startTestChain(eid: number, settings: Partial<ChainConfigInput> = {}): Promise<TestChain> {
  const hub = settings.hub ?? true;
  const [name, chainId] = [`chain-${eid}`, 10_000 + eid];
  const [port = 0] = await freePorts(1);
  const chain = await startAnvil({ name, eid, chainId, port, hub, vault: true, market: true });
  const { client } = chain;
  await client.setAutomine(false);
  const names = ["endpoint", "attestations", "vault", "consumer", "ledger", "riskRegistry", "operatorRegistry"];
  const at = (index: number): Address => getContractAddress({ from: sender, nonce: BigInt(index) });
  let nonce = 0;
  for (const _ of [...names, "feed", "feed"]) {
    const data = emitterInitCode(eid);
    await client.sendTransaction({ account: sender, chain: null, data, nonce: nonce++, gas });
  }
  await client.mine({ blocks: 1 });
  const config = chainConfigSchema.parse({
    name,
    eid,
    chainId,
    rpcUrls: [chain.rpcUrl],
    hub,
    contracts: {
      endpoint: at(0),
      attestations: at(1),
      vault: at(2),
      consumers: [at(3)],
      ledger: hub ? at(4) : null,
      riskRegistry: hub ? at(5) : null,
      operatorRegistry: hub ? at(6) : null,
    },
    pollMs: 20,
    ...settings,
  });

  async function mine(...emissions: readonly Emission[]): Promise<void> {
    for (const { to, data } of emissions) {
      await client.sendTransaction({ account: sender, chain: null, to, data, nonce: nonce++, gas });
    }
    await client.mine({ blocks: 1, interval: 1 });
  }

  async function newest(): Promise<CutBlock> {
    const { number, hash, timestamp } = await client.getBlock();
    return { eid, number: Number(number), hash: hash ?? "0x", timestampSeconds: Number(timestamp) };
  }

  async function mineAt(timestampSeconds: number, ...emissions: readonly Emission[]): Promise<CutBlock> {
    await client.setNextBlockTimestamp({ timestamp: BigInt(timestampSeconds) });
    await mine(...emissions);
    return await newest();
  }

  async function reorg(depth: number, ...emissions: readonly Emission[]): Promise<void> {
    const head = await client.getBlockNumber();
    const kept = head - BigInt(depth);
    nonce = await client.getTransactionCount({ address: sender, blockNumber: kept });
    const transactions = emissions.map(({ to, data }, index) => [
      { from: sender, to, data, nonce: `0x${(nonce + index).toString(16)}`, gas: `0x${gas.toString(16)}` },
      0,
    ]);
    await client.request({ method: "anvil_reorg", params: [depth, transactions] } as never);
    nonce = await client.getTransactionCount({ address: sender });
  }

  return { ...chain, config, mine, mineAt, newest, reorg };
}

/** Addresses of the emitters that stand in for price feeds. */
export const feedEmitters: readonly Address[] = [7, 8].map(
  (index) => getContractAddress({ from: sender, nonce: BigInt(index) }).toLowerCase() as Address,
);
