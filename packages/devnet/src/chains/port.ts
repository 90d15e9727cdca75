import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
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
 * Where free ports are looked for: below those that systems take for outgoing connections (Linux from 32,768 on), any of
 * which could take a port between its being found and its being listened on.
 */
const lowest = 20_000;
const candidates = 6_000;

/**
 * So many ports of 127.0.0.1 that nobody listens on, and that no other process is given while this one lives.
 *
 * @example
 * const [alder, birch, cedar] = await freePorts(3);
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = lowest + randomInt(candidates);
    if (await reserve(port)) ports.push(port);
  }
  return ports;
}

/** A listener on a second port keeps the first for this process: the system ends it with the process, however that ends. */
async function reserve(port: number): Promise<boolean> {
  const keeper = await listen(port + candidates);
  if (keeper === null) return false;
  const probe = await listen(port);
  await close(probe ?? keeper);
  keeper.unref();
  return probe !== null;
}

/** Null if the port is taken. */
async function listen(port: number): Promise<Server | null> {
  const server = createServer();
  try {
    server.listen({ port, host: "127.0.0.1", exclusive: true });
    await once(server, "listening");
    return server;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return null;
    throw error;
  }
}

function close(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}
