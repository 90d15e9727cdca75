import { connect } from "node:net";
import { freePorts } from "../../src/chains/port.ts";
import { devnetChains } from "../../src/chains/topology.ts";

/** The devnet's chains on ports that nobody uses now. */
export async function chainsOnFreePorts() {
  const ports = await freePorts(devnetChains.length);
  return devnetChains.map((plan, index) => ({ ...plan, port: ports[index] ?? 0 }));
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
