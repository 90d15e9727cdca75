import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGuardian } from "@plimsoll/devnet/chains/guardian";
import type { Deployment, DeploymentChain } from "@plimsoll/devnet/deployment";
import { type Devnet, startDevnet } from "@plimsoll/devnet/devnet";
import type { ConsumerPlan } from "@plimsoll/devnet/plimsoll/consumers";
import type { ConfigInput } from "@plimsoll/relayer/config";
import { type Operator, type OperatorPlan, operatorReady, startOperator } from "./operator.ts";
import { assertPortsFree, defaultPorts, type SystemPorts } from "./ports.ts";

/** Epochs follow one another this fast on the devnet, whose blocks take a second. */
export const epochIntervalMs = 3_000;

export interface SystemOptions {
  readonly ports?: SystemPorts;
  /** Where configurations, databases and logs go, and stay; a temporary folder that goes away unless given. */
  readonly directory?: string | undefined;
  /** Where an operator, by its number from 0, reads a chain; the chain's own endpoint unless given. */
  readonly rpcUrlsOf?: (operator: number, chain: DeploymentChain) => string[];
  /** Consumers beside the markets. */
  readonly consumers?: readonly ConsumerPlan[];
  /** Called as parts come up. */
  readonly onPart?: (part: string) => void;
}

/** The devnet and three operators on it. */
export interface System {
  readonly devnet: Devnet;
  readonly operators: readonly Operator[];
  /** Where the operators' configurations, databases (`<name>.sqlite`) and logs are. */
  readonly directory: string;
  /** Resolves with what failed when a child ends by itself. */
  readonly failed: Promise<Error>;
  /** Starts an operator again that was killed; its database is as it left it. */
  restart(index: number): Promise<Operator>;
  stop(): Promise<void>;
}

/**
 * Starts three chains, and three operators with a quorum of two. If anything fails, nothing is left running.
 * @throws {DevnetError}
 * @throws {ChildFailed}
 */
export async function startSystem({
  ports = defaultPorts,
  directory,
  rpcUrlsOf = (_, { rpcUrl }) => [rpcUrl],
  consumers = [],
  onPart,
}: SystemOptions = {}): Promise<System> {
  await assertPortsFree(ports);
  const folder = directory ?? mkdtempSync(join(tmpdir(), "plimsoll-"));
  mkdirSync(folder, { recursive: true });
  const operators: Operator[] = [];
  let dismiss = () => {};
  let devnet: Devnet | null = null;
  let failWith: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    failWith = resolve;
  });

  async function stop(): Promise<void> {
    await Promise.all(operators.map((operator) => operator.stop()));
    await devnet?.stop();
    dismiss();
    if (directory === undefined) rmSync(folder, { recursive: true, force: true });
  }
  function start(plan: OperatorPlan, index: number): Operator {
    const operator = startOperator(plan);
    operators[index] = operator;
    // One guardian for all of them; after a restart another one, that knows the new process.
    const dismissFormer = dismiss;
    dismiss = startGuardian(operators.map(({ pid }) => pid));
    dismissFormer();
    operator.failed.then(failWith);
    return operator;
  }

  try {
    devnet = await startDevnet({ ports: ports.chains, consumers });
    devnet.failed.then(failWith);
    onPart?.(`3 chains, LayerZero V2 and contracts (${(devnet.startedInMs / 1000).toFixed(1)} s)`);
    const plans = operatorPlans(devnet, ports.operators, folder, rpcUrlsOf);
    for (const [index, plan] of plans.entries()) start(plan, index);
    await Promise.race([Promise.all(operators.map(operatorReady)), failed.then((error) => Promise.reject(error))]);
    onPart?.("3 operators, each with its own key, SQLite file and port; 2 signatures make an attestation");
    return {
      devnet,
      operators,
      directory: folder,
      failed,
      stop,
      async restart(index) {
        const plan = plans[index];
        if (plan === undefined) throw new RangeError(`no operator ${index}`);
        const operator = start(plan, index);
        await operatorReady(operator);
        return operator;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function operatorPlans(
  { deployment, accounts }: Devnet,
  ports: readonly number[],
  directory: string,
  rpcUrlsOf: (operator: number, chain: DeploymentChain) => string[],
): OperatorPlan[] {
  const members = accounts.operators.map((account, index) => ({ account, port: ports[index] ?? 0 }));
  return members.map(({ account, port }, index) => ({
    account,
    port,
    directory,
    config: {
      domainSalt: deployment.domainSalt,
      node: {
        port,
        database: join(directory, `${account.name}.sqlite`),
        epochIntervalMs,
        leaderTimeoutMs: 2_000,
      },
      // Lively, for somebody watches: every price move and every half minute.
      posting: { deviationBps: 10, heartbeatSeconds: 30, standInMs: 2_000 },
      peers: members
        .filter((other) => other.account !== account)
        .map((other) => ({ address: other.account.address, url: `http://127.0.0.1:${other.port}` })),
      chains: chainConfigs(deployment, (chain) => rpcUrlsOf(index, chain)),
    },
  }));
}

/** The deployment's chains as a node's configuration names them. */
export function chainConfigs(
  deployment: Deployment,
  rpcUrlsOf: (chain: DeploymentChain) => string[],
): ConfigInput["chains"] {
  return deployment.chains.map((chain) => {
    const { name, eid, chainId, hub, startBlock, contracts } = chain;
    return { name, eid, chainId, rpcUrls: rpcUrlsOf(chain), hub, startBlock, contracts, pollMs: 250 };
  });
}
