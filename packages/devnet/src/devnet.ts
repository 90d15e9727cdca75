import { setTimeout as sleep } from "node:timers/promises";
import { bytesToHex } from "viem";
import { type DevnetAccounts, developmentAccounts } from "./accounts.ts";
import { mineOnInterval, startChains } from "./chains/start.ts";
import { devnetChains } from "./chains/topology.ts";
import type { Deployment } from "./deployment.ts";
import { type AnvilFailed, OperatorSetLate } from "./errors.ts";
import { confirmations } from "./layerzero/connect.ts";
import { type ConnectedChain, deployLayerZeroNetwork, workerKeys } from "./layerzero/network.ts";
import type { ConsumerPlan } from "./plimsoll/consumers.ts";
import { deployPlimsoll } from "./plimsoll/deploy.ts";
import { underlyings } from "./plimsoll/market-data.ts";
import { broadcastOperators, operatorSetId } from "./plimsoll/operators.ts";
import { type Feeds, openFeeds } from "./prices/feeds.ts";
import { startBatch } from "./transactions.ts";
import type { WorkerEvent } from "./worker/events.ts";
import { startWorker, type Worker } from "./worker/worker.ts";

/** What the devnet tells while it starts and runs. */
export type DevnetEvent =
  | { readonly msg: "devnet-phase"; readonly phase: DevnetPhase; readonly elapsedMs: number }
  | WorkerEvent;

export type DevnetPhase = "chains" | "layerzero" | "plimsoll" | "operators";

export interface DevnetOptions {
  /** Ports of alder, birch and cedar; 8545 to 8547 unless given. */
  readonly ports?: readonly [number, number, number];
  /** How many operators the first set has, 1 to 8; three unless given. */
  readonly operators?: number;
  readonly blockSeconds?: number;
  /** Consumers beside the markets, deployed and registered with them. */
  readonly consumers?: readonly ConsumerPlan[];
  readonly log?: (event: DevnetEvent) => void;
}

/** Three running chains with everything deployed, and the LayerZero worker between them. */
export interface Devnet {
  readonly chains: readonly ConnectedChain[];
  readonly deployment: Deployment;
  readonly worker: Worker;
  readonly feeds: Feeds;
  /** With private keys: all of them are public development keys. */
  readonly accounts: DevnetAccounts;
  readonly startedInMs: number;
  /** Resolves when one of the anvils ends without having been asked to. The devnet is of no use then: stop it. */
  readonly failed: Promise<AnvilFailed>;
  /** Ends every process the devnet started. */
  stop(): Promise<void>;
}

const operatorSetDeadlineMs = 60_000;

/**
 * Starts the devnet: three anvils, LayerZero, Plimsoll, prices as of 10 October 2025 noon, and operators in force on
 * every chain. While it deploys, a block is mined for every transaction; from then on one every `blockSeconds`. If
 * anything fails, nothing is left running.
 *
 * @throws {DevnetError} Its subclasses say what to do.
 * @example
 * const devnet = await startDevnet({ operators: 3 });
 * await devnet.stop();
 */
export async function startDevnet({
  ports,
  operators = 3,
  blockSeconds = 1,
  consumers = [],
  log = () => {},
}: DevnetOptions = {}): Promise<Devnet> {
  const startedMs = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedMs);
  const phase = (name: DevnetPhase) => log({ msg: "devnet-phase", phase: name, elapsedMs: elapsedMs() });

  const accounts = developmentAccounts(operators);
  const plans = devnetChains.map((plan, index) => ({ ...plan, port: ports?.[index] ?? plan.port }));
  const running = await startChains(plans);
  let worker: Worker | null = null;
  async function stop(): Promise<void> {
    await worker?.stop();
    await running.stop();
  }
  try {
    phase("chains");
    const chains = await deployLayerZeroNetwork(running.chains, accounts);
    phase("layerzero");
    const domainSalt = bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
    const { deployment, feedContracts, hub } = await deployPlimsoll(chains, accounts, domainSalt, consumers);
    const feeds = openFeeds(hub, feedContracts, accounts.priceUpdater.address);
    await feeds.setPrices(Object.fromEntries(underlyings.map(({ name, priceE8 }) => [name, priceE8])));
    phase("plimsoll");
    worker = startWorker({ chains, keys: workerKeys(accounts), log });
    await spreadOperators(chains, hub, deployment, accounts);
    phase("operators");
    await Promise.all(chains.map((chain) => mineOnInterval(chain, blockSeconds)));
    return { chains, deployment, worker, feeds, accounts, startedInMs: elapsedMs(), failed: running.failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Broadcasts the operator set from the hub and waits until it is in force on every chain. */
async function spreadOperators(
  chains: readonly ConnectedChain[],
  hub: ConnectedChain,
  deployment: Deployment,
  accounts: DevnetAccounts,
): Promise<void> {
  const registry = deployment.chains.find(({ eid }) => eid === hub.eid)?.contracts.operatorRegistry;
  if (!registry) return;
  const others = chains.filter(({ eid }) => eid !== hub.eid);
  const batch = await startBatch(hub, accounts.deployer.address);
  const eids = others.map(({ eid }) => eid);
  await broadcastOperators(hub, batch, registry, eids);
  // Nothing else is being sent on the hub, so its next blocks have to be asked for.
  await hub.client.mine({ blocks: confirmations });
  const deadlineMs = Date.now() + operatorSetDeadlineMs;
  for (const chain of others) {
    const attestations = deployment.chains.find(({ eid }) => eid === chain.eid)?.contracts.attestations;
    while (attestations && (await operatorSetId(chain, attestations)) === 0) {
      if (Date.now() > deadlineMs) throw new OperatorSetLate(chain.name);
      await sleep(25);
    }
  }
}
