import { once } from "node:events";
import { createServer } from "node:net";
import { DevnetPortBusy } from "../errors.ts";

/**
 * Resolves when nothing listens on 127.0.0.1:`port`.
 *
 * @throws {DevnetPortBusy}
 * @example
 * await assertPortFree(8545);
 */
export async function assertPortFree(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(new DevnetPortBusy(port, { cause })));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve()));
  });
}

/**
 * So many ports of 127.0.0.1 that nobody listens on now.
 *
 * @example
 * const [alder, birch, cedar] = await freePorts(3);
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
