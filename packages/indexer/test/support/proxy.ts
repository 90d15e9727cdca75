import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What the proxy makes of a true answer. Throwing makes it an RPC error. */
export type Tamper = (call: RpcCall, truth: unknown) => unknown;

export interface RpcProxy {
  readonly url: string;
  /** What it does to answers from now on; the truth by default. */
  tamper: Tamper;
  /** Whether it takes several calls in one request, as most providers do; those that do not answer 400. */
  takesBatches: boolean;
  /** Requests a second that it takes; more are refused with status 429. */
  mostPerSecond: number;
  /** How long it takes over a request, milliseconds; nothing by default. */
  lateMs: () => number;
  /** Whether it breaks the connection instead of answering a request. */
  loses: () => boolean;
  /** Every call it was asked. */
  readonly calls: RpcCall[];
  stop(): Promise<void>;
}

class Lost extends Error {}

/** An RPC endpoint that passes calls on to a true one, and lies about the answers as it is told. */
export async function startProxy(rpcUrl: string): Promise<RpcProxy> {
  const proxy = {
    tamper: ((_, truth) => truth) as Tamper,
    takesBatches: true,
    mostPerSecond: Number.POSITIVE_INFINITY,
    lateMs: () => 0,
    loses: () => false,
    calls: [] as RpcCall[],
  };
  let taken: number[] = [];
  const isTooFast = (): boolean => {
    const now = performance.now();
    taken = taken.filter((at) => at > now - 1_000);
    if (taken.length >= proxy.mostPerSecond) return true;
    taken.push(now);
    return false;
  };

  async function answerOne(call: RpcCall & { readonly id: number }): Promise<object> {
    const { id, method, params = [] } = call;
    proxy.calls.push({ method, params });
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    const response = await fetch(rpcUrl, { method: "POST", body, headers: { "content-type": "application/json" } });
    const truth = (await response.json()) as { result?: unknown };
    try {
      return { ...truth, id, result: proxy.tamper({ method, params }, truth.result) };
    } catch (error) {
      return { jsonrpc: "2.0", id, error: { code: -32000, message: String(error) } };
    }
  }
  async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const calls = JSON.parse(await text(request));
    if (isTooFast()) return { status: 429, body: "slow down" };
    const late = proxy.lateMs();
    if (late > 0) await setTimeout(late);
    if (proxy.loses()) throw new Lost();
    if (!Array.isArray(calls)) return { status: 200, body: JSON.stringify(await answerOne(calls)) };
    if (!proxy.takesBatches) return { status: 400, body: "one at a time" };
    return { status: 200, body: JSON.stringify(await Promise.all(calls.map(answerOne))) };
  }
  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => {
        const type = status === 200 ? "application/json" : "text/plain";
        response.writeHead(status, { "content-type": type }).end(body);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
