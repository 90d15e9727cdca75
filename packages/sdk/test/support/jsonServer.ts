import { createServer } from "node:http";
import { text } from "node:stream/consumers";

export interface JsonServer {
  readonly url: string;
  /** Paths with queries, in the order in which they were asked for. */
  readonly requests: string[];
  /** Bodies of those that had one. */
  readonly bodies: string[];
  close(): Promise<void>;
}

export interface JsonAnswer {
  readonly status?: number;
  readonly body: unknown;
}

/** A real HTTP server on a free port that answers with JSON. */
export async function serveJson(answer: (url: URL) => JsonAnswer | Promise<JsonAnswer>): Promise<JsonServer> {
  const requests: string[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    requests.push(`${url.pathname}${url.search}`);
    const sent = await text(request);
    if (sent !== "") bodies.push(sent);
    const { status = 200, body } = await answer(url);
    response.writeHead(status, {
      "content-type": status < 400 ? "application/json" : "application/problem+json",
    });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function problem(status: number, code: string): JsonAnswer {
  return {
    status,
    body: {
      type: `urn:plimsoll:problem:${code}`,
      title: "Not found",
      status,
      code,
      detail: code,
      hint: "Ask otherwise.",
    },
  };
}
