import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { hexToNumber, isHex } from "viem";
import { z } from "zod";
import type { Misbehaviour } from "./misbehave.ts";

/** One operator's endpoint of one chain. Operators and endpoints by their number from 0. */
interface Route {
  readonly operator: number;
  readonly chain: string;
  readonly endpoint: number;
}

/** RPC endpoints between operators and chains, each of which can be made to misbehave. */
export interface RpcProxy {
  urlOf(route: Route): string;
  /** From now on; null for the truth. */
  misbehave(route: Route, misbehaviour: Misbehaviour | null): void;
  /** The true head of a chain. */
  headOf(chain: string): Promise<number>;
  /** Requests that were answered by nothing, late, or with something else than the truth. */
  tampered(): number;
  stop(): Promise<void>;
}

const callSchema = z.object({ id: z.unknown(), method: z.string(), params: z.array(z.unknown()).default([]) });
const requestSchema = z.union([callSchema, z.array(callSchema)]);
type Call = z.output<typeof callSchema>;

const answerSchema = z.looseObject({ id: z.unknown() });
const upstreamTimeoutMs = 15_000;
const nameOf = ({ operator, chain, endpoint }: Route) => `/${operator}/${chain}/${endpoint}`;

/**
 * Starts one server that stands for all the operators' endpoints: requests, alone or in batches, go on to the chain that
 * the path names.
 *
 * @param upstreams The chains' true URLs, by name.
 * @param share Draws whether a request is dropped, 0 to 1.
 * @example
 * const proxy = await startRpcProxy(new Map([["alder", "http://127.0.0.1:8545"]]), Math.random);
 */
export async function startRpcProxy(upstreams: ReadonlyMap<string, string>, share: () => number): Promise<RpcProxy> {
  const misbehaving = new Map<string, Misbehaviour>();
  let tampered = 0;

  const forward = async (chain: string, body: unknown): Promise<unknown> => {
    const response = await fetch(upstreams.get(chain) ?? "", {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(upstreamTimeoutMs),
    });
    return await response.json();
  };
  const headOf = async (chain: string): Promise<number> => {
    const { result } = (await forward(chain, rpc(0, "eth_blockNumber", []))) as { readonly result?: unknown };
    return isHex(result) ? hexToNumber(result) : 0;
  };

  /** Null where there is to be no answer. */
  async function answer(path: string, body: string): Promise<unknown> {
    const chain = path.split("/")[2] ?? "";
    const request: unknown = JSON.parse(body);
    const wrong = misbehaving.get(path);
    if (wrong === undefined) return await forward(chain, request);
    tampered += 1;
    if (wrong.delayMs > 0) await sleep(wrong.delayMs);
    if (share() < wrong.dropShare) return null;
    const parsed = requestSchema.parse(request);
    const one = async (call: Call) => {
      const { method, params } = wrong.ask(call);
      const truth = answerSchema.parse(await forward(chain, rpc(call.id, method, params)));
      if (!("result" in truth)) return truth;
      return { ...truth, result: await wrong.answer(call, truth["result"], () => headOf(chain)) };
    };
    return Array.isArray(parsed) ? await Promise.all(parsed.map(one)) : await one(parsed);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answered = await answer(request.url ?? "/", await text(request));
      if (answered === null) request.socket.destroy();
      else response.setHeader("content-type", "application/json").end(JSON.stringify(answered));
    } catch {
      // The chain is not there: neither is its endpoint.
      request.socket.destroy();
    }
  }

  const server = createServer((request, response) => void serve(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    urlOf: (route) => `http://127.0.0.1:${port}${nameOf(route)}`,
    misbehave(route, misbehaviour) {
      if (misbehaviour === null) misbehaving.delete(nameOf(route));
      else misbehaving.set(nameOf(route), misbehaviour);
    },
    headOf,
    tampered: () => tampered,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const rpc = (id: unknown, method: string, params: readonly unknown[]) => ({ jsonrpc: "2.0", id, method, params });
