import type { MessageJson } from "@plimsoll/protocol/wire";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { chainsJson } from "../../test/support/chains.ts";
import { type JsonAnswer, type JsonServer, problem, serveJson } from "../../test/support/jsonServer.ts";
import { createPlimsoll, type Plimsoll } from "../createPlimsoll.ts";
import { MessageFailed, WaitTimedOut } from "../errors/waiting.ts";
import { trackMessage } from "./trackMessage.ts";
import { waitForMessage } from "./waitForMessage.ts";
import { watchMessage } from "./watchMessage.ts";

const guid = `0x${"12".repeat(32)}` as const;
const step = { blockNumber: 5, transactionHash: guid, timestampSeconds: 1_760_000_000 };
const message = (status: MessageJson["status"]): JsonAnswer => ({
  body: {
    guid,
    payloadHash: guid,
    nonce: "1",
    srcEid: 40001,
    dstEid: 40002,
    sender: guid,
    receiver: guid,
    status,
    account: null,
    sent: step,
    verified: null,
    delivered: null,
  } satisfies MessageJson,
});

let server: JsonServer;
let plimsoll: Plimsoll;
let answer: JsonAnswer;
beforeEach(async () => {
  answer = problem(404, "unknown-message");
  server = await serveJson(({ pathname }) => (pathname === "/v1/chains" ? { body: chainsJson } : answer));
  plimsoll = await createPlimsoll({ nodes: [server.url], pollIntervalMilliseconds: 10 });
});
afterEach(() => server.close());

test("trackMessage: null until the node has seen it", async () => {
  expect(await trackMessage(plimsoll, { guid })).toBeNull();
  answer = message("sent");
  expect(await trackMessage(plimsoll, { guid })).toMatchObject({ status: "sent", sent: step });
});

test("watchMessage: every step once, and ends by itself", async () => {
  const seen: string[] = [];
  watchMessage(plimsoll, { guid, onChange: ({ status }) => seen.push(status) });
  for (const status of ["sent", "verified", "delivered"] as const) {
    answer = message(status);
    await vi.waitUntil(() => seen.at(-1) === status);
  }
  expect(seen).toEqual(["sent", "verified", "delivered"]);
  const asked = server.requests.length;
  answer = message("failed");
  await trackMessage(plimsoll, { guid });
  expect(server.requests.length).toBe(asked + 1);
});

describe("waitForMessage", () => {
  test("default: until delivered; a lesser step on request", async () => {
    const [verified, delivered] = [
      waitForMessage(plimsoll, { guid, status: "verified" }),
      waitForMessage(plimsoll, { guid }),
    ];
    answer = message("verified");
    expect(await verified).toMatchObject({ status: "verified" });
    answer = message("delivered");
    expect(await delivered).toMatchObject({ status: "delivered" });
  });

  test("error: MessageFailed, WaitTimedOut", async () => {
    answer = message("failed");
    await expect(waitForMessage(plimsoll, { guid })).rejects.toThrow(MessageFailed);
    answer = message("sent");
    await expect(waitForMessage(plimsoll, { guid, timeoutMilliseconds: 30 })).rejects.toThrow(WaitTimedOut);
  });
});
