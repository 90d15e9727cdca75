import { afterEach, describe, expect, test } from "vitest";
import { chainsJson } from "../test/support/chains.ts";
import { freePort } from "../test/support/freePort.ts";
import { type JsonServer, serveJson } from "../test/support/jsonServer.ts";
import { createPlimsoll } from "./createPlimsoll.ts";
import { InvalidNodeUrl, NodeUnreachable, UnexpectedResponse } from "./errors/node.ts";

let server: JsonServer | undefined;
afterEach(() => server?.close());

describe("createPlimsoll", () => {
  test("default: knows the deployment from the first node that answers", async () => {
    server = await serveJson(() => ({ body: chainsJson }));
    const plimsoll = await createPlimsoll({ nodes: [`http://127.0.0.1:${await freePort()}`, `${server.url}/`] });
    expect(plimsoll.deployment.chains.map(({ name, eid }) => [name, eid])).toEqual([
      ["alder", 40001],
      ["birch", 40002],
    ]);
    expect(server.requests).toEqual(["/v1/chains"]);
  });

  test("error: InvalidNodeUrl", async () => {
    await expect(createPlimsoll({ nodes: [] })).rejects.toThrow(InvalidNodeUrl);
    await expect(createPlimsoll({ nodes: ["localhost:8800"] })).rejects.toThrow(InvalidNodeUrl);
    await expect(createPlimsoll({ nodes: ["nonsense"] })).rejects.toThrow(InvalidNodeUrl);
  });

  test("error: NodeUnreachable", async () => {
    await expect(createPlimsoll({ nodes: [`http://127.0.0.1:${await freePort()}`] })).rejects.toThrow(NodeUnreachable);
  });

  test("error: UnexpectedResponse, for an address that is none", async () => {
    const [first] = chainsJson;
    server = await serveJson(() => ({ body: [{ ...first, contracts: { ...first?.contracts, vault: "0x12" } }] }));
    await expect(createPlimsoll({ nodes: [server.url] })).rejects.toThrow(UnexpectedResponse);
  });
});
