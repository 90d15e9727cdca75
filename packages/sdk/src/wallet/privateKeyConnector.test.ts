import {
  connect,
  createConfig,
  disconnect,
  getConnection,
  getConnectorClient,
  signMessage,
  switchChain,
} from "@wagmi/core";
import { recoverMessageAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, test } from "vitest";
import { chainsJson } from "../../test/support/chains.ts";
import { InvalidPrivateKey } from "../errors/input.ts";
import { plimsollChains } from "./plimsollChains.ts";
import { privateKeyConnector } from "./privateKeyConnector.ts";

const privateKey = `0x${"ab".repeat(32)}` as const;
const { address } = privateKeyToAccount(privateKey);
// Nothing is asked of these RPCs: all of it is done in this process.
const rpcUrls = { alder: "http://127.0.0.1:1", birch: "http://127.0.0.1:2" };

async function connected() {
  const config = createConfig({
    ...plimsollChains({ chains: chainsJson }, rpcUrls),
    connectors: [privateKeyConnector({ privateKey })],
  });
  const [connector] = config.connectors;
  if (connector === undefined) throw new TypeError("a connector");
  await connect(config, { connector });
  return { config, connector };
}

describe("privateKeyConnector", () => {
  test("default: connects and signs in this process", async () => {
    const { config } = await connected();
    expect(getConnection(config)).toMatchObject({ status: "connected", address, chainId: 31337 });
    const signature = await signMessage(config, { message: "aye" });
    expect(await recoverMessageAddress({ message: "aye", signature })).toBe(address);
  });

  test("behavior: has a client for every chain, whichever is current", async () => {
    const { config, connector } = await connected();
    const client = await getConnectorClient(config, { chainId: 31338, connector, assertChainId: false });
    expect(client).toMatchObject({
      account: { address, type: "local" },
      chain: { id: 31338 },
      transport: { url: rpcUrls.birch },
    });
  });

  test("behavior: changes chains, and disconnects", async () => {
    const { config } = await connected();
    await switchChain(config, { chainId: 31338 });
    expect(getConnection(config).chainId).toBe(31338);
    await disconnect(config);
    expect(getConnection(config).status).toBe("disconnected");
  });

  test("error: InvalidPrivateKey, without the key in the message", () => {
    const key = `0x${"ab".repeat(31)}` as const;
    const make = () => privateKeyConnector({ privateKey: key });
    expect(make).toThrow(InvalidPrivateKey);
    expect(make).not.toThrow(key);
  });
});
