import { connect, createServer } from "node:net";
import { devnetChains } from "../../src/chains/topology.ts";

/** The devnet's chains on ports that nobody uses now. */
export async function chainsOnFreePorts() {
  const ports = await Promise.all(devnetChains.map(freePort));
  return devnetChains.map((plan, index) => ({ ...plan, port: ports[index] ?? 0 }));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
