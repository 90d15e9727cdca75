import { serve } from "@hono/node-server";
import { exitCodes, RelayerError } from "./errors.ts";

/** The API's port cannot be listened on. */
export class ListenError extends RelayerError {
  override readonly name = "ListenError";

  constructor(host: string, port: number, cause: Error) {
    const busy = "code" in cause && cause.code === "EADDRINUSE";
    super(`Cannot listen on ${host}:${port}${busy ? ": the port is taken" : ""}.`, {
      code: busy ? "port-busy" : "cannot-listen",
      hint: "Name another host and port in [node], or end the program that uses it.",
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
    server.once("error", (cause: Error) => reject(new ListenError(host, port, cause)));
  });
}
