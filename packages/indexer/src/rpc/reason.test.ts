import { once } from "node:events";
import { createServer } from "node:http";
import { createPublicClient, http } from "viem";
import { expect, test } from "vitest";
import { reasonOf } from "./reason.ts";

async function failureOf(url: string): Promise<unknown> {
  const client = createPublicClient({ transport: http(url, { retryCount: 0 }) });
  return await client.getBlockNumber().catch((error: unknown) => error);
}

test("default: a port at which nobody listens is called what the system calls it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const listening = server.address();
  const port = typeof listening === "object" && listening ? listening.port : 0;
  server.close();
  await once(server, "close");
  expect(reasonOf(await failureOf(`http://127.0.0.1:${port}`))).toBe("fetch failed (ECONNREFUSED)");
});

test("behavior: what an endpoint said is told as it said it", async () => {
  const server = createServer((_, response) => response.writeHead(403).end("no such project")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const listening = server.address();
  const port = typeof listening === "object" && listening ? listening.port : 0;
  try {
    expect(reasonOf(await failureOf(`http://127.0.0.1:${port}`))).toContain("no such project");
  } finally {
    server.close();
  }
});

test("behavior: anything else is told, too", () => {
  expect(reasonOf(new RangeError("odd"))).toBe("RangeError: odd");
  expect(reasonOf("odd")).toBe("odd");
});
