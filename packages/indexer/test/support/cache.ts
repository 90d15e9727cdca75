import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

export interface RpcCache {
  readonly url: string;
  /** How long it takes over a request, milliseconds; nothing by default. */
  lateMs: number;
  /** HTTP requests so far. */
  requests: number;
  stop(): void;
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params?: readonly unknown[];
}

/** Answers what it was asked before from memory, and everything else from the true endpoint. */
export async function startCache(rpcUrl: string): Promise<RpcCache> {
  const known = new Map<string, object>();
  const cache = { lateMs: 0, requests: 0 };

  async function answer(call: Call): Promise<object> {
    const key = JSON.stringify([call.method, call.params]);
    const answered = known.get(key) ?? (await ask(call));
    known.set(key, answered);
    return { ...answered, id: call.id };
  }

  async function ask(call: Call): Promise<object> {
    const body = JSON.stringify({ jsonrpc: "2.0", ...call });
    const response = await fetch(rpcUrl, { method: "POST", body, headers: { "content-type": "application/json" } });
    return (await response.json()) as object;
  }

  const server = createServer(async (request, response) => {
    cache.requests++;
    const asked = JSON.parse(await text(request)) as Call | Call[];
    if (cache.lateMs > 0) await sleep(cache.lateMs);
    const answered = Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked);
    response.setHeader("content-type", "application/json").end(JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return Object.assign(cache, { url: `http://127.0.0.1:${port}`, stop: () => void server.close() });
}
