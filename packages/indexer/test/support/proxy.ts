import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

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
  /** Every call it was asked. */
  readonly calls: RpcCall[];
  stop(): Promise<void>;
}

/** An RPC endpoint that passes calls on to a true one, and lies about the answers as it is told. */
export async function startProxy(rpcUrl: string): Promise<RpcProxy> {
  const proxy = { tamper: ((_, truth) => truth) as Tamper, calls: [] as RpcCall[] };
  async function answer(request: IncomingMessage): Promise<string> {
    const body = await text(request);
    const { id, method, params = [] } = JSON.parse(body);
    proxy.calls.push({ method, params });
    const response = await fetch(rpcUrl, { method: "POST", body, headers: { "content-type": "application/json" } });
    const truth = (await response.json()) as { result?: unknown };
    try {
      return JSON.stringify({ ...truth, id, result: proxy.tamper({ method, params }, truth.result) });
    } catch (error) {
      return JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32000, message: String(error) } });
    }
  }
  const server = createServer((request, response) => {
    answer(request).then(
      (body) => response.setHeader("content-type", "application/json").end(body),
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
