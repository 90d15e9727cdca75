import { afterEach, describe, expect, test } from "vitest";
import { address, chainsJson } from "../test/support/chains.ts";
import { deadUrl } from "../test/support/deadUrl.ts";
import { type JsonServer, serveJson } from "../test/support/jsonServer.ts";
import { createPlimsoll } from "./createPlimsoll.ts";
import { type Deployment, getMarket, getVault } from "./deployment.ts";
import { InvalidDeployment } from "./errors/deployment.ts";
import { InvalidNodeUrl, NodeUnreachable, UnexpectedResponse } from "./errors/node.ts";

let server: JsonServer | undefined;
afterEach(() => server?.close());

describe("createPlimsoll", () => {
  test("default: knows the deployment from the first node that answers", async () => {
    server = await serveJson(() => ({ body: chainsJson }));
    const plimsoll = await createPlimsoll({ nodes: [await deadUrl(), `${server.url}/`] });
    expect(plimsoll.deployment.chains.map(({ name, eid }) => [name, eid])).toEqual([
      ["alder", 40001],
      ["birch", 40002],
    ]);
    expect(server.requests).toEqual(["/v1/chains"]);
  });

  test("behavior: a deployment that is given is taken, whatever nodes would say", async () => {
    const [alder, birch] = chainsJson;
    if (alder === undefined || birch === undefined) expect.unreachable();
    const elsewhere = { ...alder, contracts: { ...alder.contracts, vault: address("f") } };
    server = await serveJson(() => ({ body: [elsewhere, birch] }));
    const deployment = {
      chains: [alder, { ...birch, contracts: { ...birch.contracts, consumers: [`0x${"A".repeat(40)}`] } }],
    };
    const plimsoll = await createPlimsoll({ nodes: [server.url], deployment: deployment as Deployment });
    expect(getVault(plimsoll.deployment, alder.eid)).toBe(address("3"));
    expect(getMarket(plimsoll.deployment, birch.eid, address("a"))).toBe(address("a"));
    expect(server.requests).toEqual([]);
  });

  test("error: InvalidDeployment", async () => {
    for (const deployment of [{ chains: [] }, { chains: [{ ...chainsJson[0], eid: 0 }] }]) {
      const given = deployment as unknown as Deployment;
      await expect(createPlimsoll({ nodes: ["http://127.0.0.1:1"], deployment: given })).rejects.toThrow(
        InvalidDeployment,
      );
    }
  });

  test("error: InvalidNodeUrl", async () => {
    await expect(createPlimsoll({ nodes: [] })).rejects.toThrow(InvalidNodeUrl);
    await expect(createPlimsoll({ nodes: ["localhost:8800"] })).rejects.toThrow(InvalidNodeUrl);
    await expect(createPlimsoll({ nodes: ["nonsense"] })).rejects.toThrow(InvalidNodeUrl);
  });

  test("error: NodeUnreachable", async () => {
    await expect(createPlimsoll({ nodes: [await deadUrl()] })).rejects.toThrow(NodeUnreachable);
  });

  test("error: UnexpectedResponse, for an address that is none", async () => {
    const [first] = chainsJson;
    server = await serveJson(() => ({ body: [{ ...first, contracts: { ...first?.contracts, vault: "0x12" } }] }));
    await expect(createPlimsoll({ nodes: [server.url] })).rejects.toThrow(UnexpectedResponse);
  });
});
