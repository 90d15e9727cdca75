import type { Registry } from "prom-client";
import { type HttpServer, listen } from "../server.ts";

/**
 * Serves a registry's metrics at `GET /metrics` on a port of their own.
 *
 * @throws ListenError
 */
export async function serveRegistry(
  registry: Registry,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = await listen(
    async (request) => {
      if (new URL(request.url).pathname !== "/metrics") return new Response("GET /metrics\n", { status: 404 });
      return new Response(await registry.metrics(), { headers: { "content-type": registry.contentType } });
    },
    host,
    port,
    "metrics",
  );
  return { url: `${server.url}/metrics`, close: server.close };
}
