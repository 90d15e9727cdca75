import type { Deployment } from "./deployment.ts";
import { InvalidNodeUrl } from "./errors/node.ts";
import { chainsSchema } from "./node/deploymentSchema.ts";
import { type NodePool, type RequestNodeErrorType, requestNode } from "./node/requestNode.ts";

/** What every function needs besides the wagmi config: nodes to ask and what is deployed where. */
export interface Plimsoll extends NodePool {
  readonly deployment: Deployment;
  /** How often the functions that wait or watch ask again. */
  readonly pollIntervalMilliseconds: number;
}

export interface CreatePlimsollParameters {
  /** URLs of nodes' APIs. When one is down the next one is asked. */
  readonly nodes: readonly string[];
  /** How long a node may take to answer; 5,000 by default. */
  readonly timeoutMilliseconds?: number | undefined;
  /** 1,000 by default. */
  readonly pollIntervalMilliseconds?: number | undefined;
}

export type CreatePlimsollReturnType = Plimsoll;
export type CreatePlimsollErrorType = InvalidNodeUrl | RequestNodeErrorType;

/**
 * Loads the deployment (chains, contracts) from the first node that answers.
 *
 * The contracts' addresses are the node's word. Who does not run the node asks one it trusts, or compares the
 * addresses with the deployment's published ones: `plimsoll.deployment` has them all.
 *
 * @throws {InvalidNodeUrl}
 * @throws {NodeUnreachable}
 * @throws {NodeProblem}
 * @throws {UnexpectedResponse}
 * @example
 * const plimsoll = await createPlimsoll({ nodes: ["http://127.0.0.1:8800", "http://127.0.0.1:8801"] });
 * plimsoll.deployment.chains.map(({ name, eid }) => `${name}: ${eid}`);
 */
export async function createPlimsoll(parameters: CreatePlimsollParameters): Promise<CreatePlimsollReturnType> {
  const { timeoutMilliseconds = 5_000, pollIntervalMilliseconds = 1_000 } = parameters;
  if (parameters.nodes.length === 0) throw new InvalidNodeUrl("");
  const pool: NodePool = { nodes: parameters.nodes.map(parseNodeUrl), timeoutMilliseconds, preferred: 0 };
  const chains = await requestNode(pool, { path: "/v1/chains", schema: chainsSchema });
  const deployment = {
    chains: chains.map(({ eid, chainId, name, hub, contracts }) => ({ eid, chainId, name, hub, contracts })),
  };
  return Object.assign(pool, { deployment, pollIntervalMilliseconds });
}

function parseNodeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidNodeUrl(text);
  return url.href.replace(/\/$/, "");
}
