import { serve } from "@hono/node-server";
import { exitCodes, RelayerError } from "./errors.ts";

/** The table of the configuration that says where to listen. */
type ListenTable = "node" | "metrics";

/** A port cannot be listened on: the API's or the metrics'. */
export class ListenError extends RelayerError {
  override readonly name = "ListenError";

  constructor(host: string, port: number, table: ListenTable, cause: Error) {
    const busy = "code" in cause && cause.code === "EADDRINUSE";
    super(`Cannot listen on ${host}:${port}${busy ? ": the port is taken" : ""}.`, {
      code: busy ? "port-busy" : "cannot-listen",
      hint: `Name another host and port in [${table}], or end the program that uses it.`,
      cause,
      exitCode: exitCodes.fixSomething,
    });
  }
}

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** How long answers that are under way may take when the server is closed. */
const lastAnswersMs = 2_000;

/**
 * Serves HTTP until closed.
 *
 * @throws ListenError
 */
export function listen(
  fetch: (request: Request, env: object | undefined) => Response | Promise<Response>,
  host: string,
  port: number,
  table: ListenTable = "node",
): Promise<HttpServer> {
  return new Promise((resolve, reject) => {
    const serverOptions = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 };
    const server = serve({ fetch, hostname: host, port, serverOptions }, (address) => {
      resolve({
        url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
        close: () =>
          new Promise((closed) => {
            const late = setTimeout(
              () => "closeAllConnections" in server && server.closeAllConnections(),
              lastAnswersMs,
            );
            server.close(() => {
              clearTimeout(late);
              closed();
            });
          }),
      });
    });
    server.once("error", (cause: Error) => reject(new ListenError(host, port, table, cause)));
  });
}
