import { z } from "zod";
import type { Deployment } from "./deployment.ts";
import { InvalidDeployment } from "./errors/deployment.ts";
import { InvalidNodeUrl } from "./errors/node.ts";
import { chainsSchema, deploymentSchema } from "./node/deploymentSchema.ts";
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
  /** What is deployed where, from a source that is trusted more than the nodes are; they are then not asked. */
  readonly deployment?: Deployment | undefined;
  /** How long a node may take to answer; 5,000 by default. */
  readonly timeoutMilliseconds?: number | undefined;
  /** 1,000 by default. */
  readonly pollIntervalMilliseconds?: number | undefined;
}

export type CreatePlimsollReturnType = Plimsoll;
export type CreatePlimsollErrorType = InvalidNodeUrl | InvalidDeployment | RequestNodeErrorType;

/**
 * Takes the deployment (chains, contracts) that is given, or loads it from the first node that answers.
 *
 * Where nodes are asked, the contracts' addresses are a node's word, and collateral is sent to those addresses. Who does not
 * run the node gives the published ones: then nothing that a node says decides where money goes, for every contract checks
 * the proofs that nodes serve.
 *
 * @throws {InvalidNodeUrl}
 * @throws {InvalidDeployment}
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
  const { deployment: given } = parameters;
  const deployment = given === undefined ? await askForDeployment(pool) : parseDeployment(given);
  return Object.assign(pool, { deployment, pollIntervalMilliseconds });
}

async function askForDeployment(pool: NodePool): Promise<Deployment> {
  return deploymentSchema.parse({ chains: await requestNode(pool, { path: "/v1/chains", schema: chainsSchema }) });
}

function parseDeployment(given: Deployment): Deployment {
  const parsed = deploymentSchema.safeParse(given);
  if (!parsed.success) throw new InvalidDeployment(z.prettifyError(parsed.error), { cause: parsed.error });
  return parsed.data;
}

function parseNodeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidNodeUrl(text);
  return url.href.replace(/\/$/, "");
}
