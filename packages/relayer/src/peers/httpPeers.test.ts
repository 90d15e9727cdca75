import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Address } from "viem";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PeerError } from "../quorum/errors.ts";
import { createHttpPeers } from "./httpPeers.ts";

const address: Address = `0x${"c1".repeat(20)}`;
const status = { operator: address, highestEpoch: 3, attested: [] };

let server: Server;
let url: string;
/** What the peer answers with, piece by piece; and how much of it went out. */
let pieces: Iterable<string>;
let sent: number;
beforeEach(async () => {
  sent = 0;
  server = createServer(async (_, response) => {
    for (const piece of pieces) {
      if (response.destroyed) return;
      sent += piece.length;
      if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
    }
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const listening = server.address();
  url = `http://127.0.0.1:${typeof listening === "object" && listening ? listening.port : 0}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const peers = () => createHttpPeers([{ address, url }], async () => ({}) as never);

describe("createHttpPeers", () => {
  test("default: what a peer tells", async () => {
    pieces = [...JSON.stringify(status)];
    expect(await peers().status(address, 2_000)).toEqual(status);
  });

  test("error: PeerError, an answer without an end is not kept until the memory is full", async () => {
    const blank = " ".repeat(1 << 20);
    pieces = Array.from({ length: 64 }, () => blank);
    await expect(peers().status(address, 60_000)).rejects.toThrow(PeerError);
    expect(sent).toBeLessThan(32 << 20);
  });
});
