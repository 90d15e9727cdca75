import { z } from "zod";
import { NodeProblem, NodeUnreachable, UnexpectedResponse } from "../errors/node.ts";
import type { PlimsollError } from "../errors/plimsollError.ts";
import { problemSchema } from "./problemSchema.ts";

/** Nodes to ask, in order of preference. All serve the same data: operators compute it each for themselves. */
export interface NodePool {
  readonly nodes: readonly string[];
  readonly timeoutMilliseconds: number;
  /** Index of the node that last answered: a node that hangs costs its time-out once, not at every call. */
  preferred: number;
}

export interface NodeRequest<schema extends z.ZodType> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Makes it a POST. Bigints are sent as decimal strings. */
  readonly body?: unknown;
  readonly schema: schema;
  /** Start this many nodes after the preferred one: how a retry gets a second opinion. */
  readonly skip?: number;
}

export type RequestNodeErrorType = NodeUnreachable | NodeProblem | UnexpectedResponse;

/**
 * Asks one node after the other until one answers. What a node says about the request itself (4xx) is thrown at once;
 * a node that is down, in trouble (5xx) or does not speak the API is passed over.
 * @throws {NodeUnreachable} if none answered at all
 * @throws {NodeProblem}
 * @throws {UnexpectedResponse}
 */
export async function requestNode<schema extends z.ZodType>(
  pool: NodePool,
  request: NodeRequest<schema>,
): Promise<z.output<schema>> {
  const { path, query = {}, body, schema, skip = 0 } = request;
  const search = new URLSearchParams(query).toString();
  const sent = body === undefined ? undefined : JSON.stringify(body, bigintsAsStrings);
  const pathAndQuery = search === "" ? path : `${path}?${search}`;

  let answered: PlimsollError | undefined;
  const silent: unknown[] = [];
  for (let turn = 0; turn < pool.nodes.length; turn++) {
    const index = (pool.preferred + skip + turn) % pool.nodes.length;
    const node = pool.nodes[index] as string;
    const outcome = await ask({ node, path: pathAndQuery, sent }, schema, pool.timeoutMilliseconds);
    if ("body" in outcome) {
      pool.preferred = index;
      return outcome.body;
    }
    if (outcome.error instanceof NodeProblem && outcome.error.status < 500) throw outcome.error;
    if (outcome.error === undefined) silent.push(outcome.cause);
    else answered ??= outcome.error;
  }
  throw answered ?? new NodeUnreachable(pool.nodes, { cause: new AggregateError(silent) });
}

const bigintsAsStrings = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);

type Outcome<body> = { body: body } | { error: PlimsollError } | { error?: undefined; cause: unknown };

async function ask<schema extends z.ZodType>(
  { node, path, sent }: { readonly node: string; readonly path: string; readonly sent: string | undefined },
  schema: schema,
  timeoutMilliseconds: number,
): Promise<Outcome<z.output<schema>>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${node}${path}`, {
      ...(sent === undefined ? {} : { method: "POST", body: sent }),
      headers: {
        accept: "application/json, application/problem+json",
        ...(sent === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    text = await response.text();
  } catch (cause) {
    return { cause };
  }

  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { error: new UnexpectedResponse(node, path, `no JSON, status ${response.status}`, { cause }) };
  }
  if (!response.ok) {
    const problem = problemSchema.safeParse(json);
    if (problem.success) return { error: new NodeProblem(node, problem.data) };
    return { error: new UnexpectedResponse(node, path, `status ${response.status} without a problem document`) };
  }
  const body = schema.safeParse(json);
  if (body.success) return { body: body.data };
  return { error: new UnexpectedResponse(node, path, z.prettifyError(body.error), { cause: body.error }) };
}
