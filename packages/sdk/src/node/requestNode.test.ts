import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { deadUrl } from "../../test/support/deadUrl.ts";
import { type JsonAnswer, type JsonServer, problem, serveJson } from "../../test/support/jsonServer.ts";
import { NodeProblem, NodeUnreachable, UnexpectedResponse } from "../errors/node.ts";
import { type NodePool, requestNode } from "./requestNode.ts";

const servers: JsonServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function serve(answer: () => JsonAnswer | Promise<JsonAnswer>): Promise<JsonServer> {
  const server = await serveJson(answer);
  servers.push(server);
  return server;
}
const poolOf = (...nodes: string[]): NodePool => ({ nodes, timeoutMilliseconds: 1_000, preferred: 0 });
const request = { path: "/v1/height", schema: z.object({ height: z.int() }) };

describe("requestNode", () => {
  test("default: asks the first node, with the query", async () => {
    const node = await serve(() => ({ body: { height: 7 } }));
    expect(await requestNode(poolOf(node.url), { ...request, query: { eid: "1" } })).toEqual({ height: 7 });
    expect(node.requests).toEqual(["/v1/height?eid=1"]);
  });

  test("behavior: a body is posted, integers of any size as strings", async () => {
    const node = await serve(() => ({ body: { height: 7 } }));
    await requestNode(poolOf(node.url), { ...request, body: { size: 10n ** 20n, bps: [1] } });
    expect(node.bodies).toEqual(['{"size":"100000000000000000000","bps":[1]}']);
  });

  test("behavior: a node that is down is passed over, and not asked first the next time", async () => {
    const node = await serve(() => ({ body: { height: 7 } }));
    const pool = poolOf(await deadUrl(), node.url);
    await requestNode(pool, request);
    expect(pool.preferred).toBe(1);
  });

  test("behavior: a node that does not answer in time is passed over", async () => {
    const hanging = await serve(() => new Promise(() => {}));
    const node = await serve(() => ({ body: { height: 7 } }));
    expect(await requestNode(poolOf(hanging.url, node.url), request)).toEqual({ height: 7 });
  });

  test("behavior: a node in trouble is passed over", async () => {
    const troubled = await serve(() => problem(503, "no-epoch-yet"));
    const node = await serve(() => ({ body: { height: 7 } }));
    expect(await requestNode(poolOf(troubled.url, node.url), request)).toEqual({ height: 7 });
  });

  test("behavior: `skip` gets a second opinion", async () => {
    const [one, other] = [await serve(() => ({ body: { height: 1 } })), await serve(() => ({ body: { height: 2 } }))];
    expect(await requestNode(poolOf(one.url, other.url), { ...request, skip: 1 })).toEqual({ height: 2 });
  });

  test("error: NodeProblem, at once, with the node's code and hint", async () => {
    const [one, other] = [
      await serve(() => problem(404, "unknown-chain")),
      await serve(() => ({ body: { height: 2 } })),
    ];
    const refused = await requestNode(poolOf(one.url, other.url), request).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NodeProblem);
    expect(refused).toMatchObject({ code: "unknown-chain", status: 404, hint: "Ask otherwise.", node: one.url });
    expect(other.requests).toEqual([]);
  });

  test("error: NodeUnreachable, when every node is down", async () => {
    const nodes = [await deadUrl(), await deadUrl()];
    const refused = await requestNode(poolOf(...nodes), request).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NodeUnreachable);
    expect(refused).toMatchObject({ nodes });
  });

  test.each([
    ["no JSON", { body: "<html>" }],
    ["another shape", { body: { height: "7" } }],
    ["an error without a problem document", { status: 404, body: { error: "nothing here" } }],
  ])("error: UnexpectedResponse, for %s", async (_, answer) => {
    const node = await serve(() => answer);
    await expect(requestNode(poolOf(node.url), request)).rejects.toThrow(UnexpectedResponse);
  });
});
