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
