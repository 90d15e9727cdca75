import { numberToHex, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressToBytes32 } from "../src/decode/endpoint.ts";
import { getMessage, listMessages, listPayloads } from "../src/messages.ts";
import { startTestChain, type TestChain } from "./support/chain.ts";
import { accounts } from "./support/history.ts";
import { startNode, type TestNode } from "./support/node.ts";
import { packetEvent, reportPacket } from "./support/packet.ts";

let hub: TestChain;
let spoke: TestChain;
let node: TestNode;
beforeAll(async () => {
  [hub, spoke] = await Promise.all([startTestChain(40001), startTestChain(40002, { hub: false })]);
  node = await startNode([hub.config, spoke.config]);
});
afterAll(async () => {
  await node.stop();
  await Promise.all([hub, spoke].map((chain) => chain.stop()));
});

/** A report of the spoke's vault to the hub's ledger. */
function report(nonce: bigint, account = accounts[0], sender = spoke.config.contracts.vault ?? zeroAddress) {
  const receiver = addressToBytes32(hub.config.contracts.ledger ?? zeroAddress);
  return reportPacket({ nonce, srcEid: 40002, dstEid: 40001, sender: addressToBytes32(sender), receiver }, account);
}

const caughtUp = () => node.indexer.caughtUp();

describe("a message", () => {
  test("default: is followed from sent to verified to delivered", async () => {
    const packet = report(1n);
    await spoke.mine(packetEvent(spoke.config, "sent", packet));
    await caughtUp();
    expect(getMessage(node.database, packet.guid)).toMatchObject({
      ...{ guid: packet.guid, payloadHash: packet.payloadHash, nonce: "1", srcEid: 40002, dstEid: 40001 },
      ...{ status: "sent", account: accounts[0], verified: null, delivered: null },
      sent: { blockNumber: 2, transactionHash: expect.stringMatching(/^0x/), timestampSeconds: expect.any(Number) },
    });
    await hub.mine(packetEvent(hub.config, "verified", packet));
    await caughtUp();
    expect(getMessage(node.database, packet.guid)).toMatchObject({ status: "verified", verified: { blockNumber: 2 } });
    await hub.mine(packetEvent(hub.config, "delivered", packet));
    await caughtUp();
    expect(getMessage(node.database, packet.guid)).toMatchObject({
      status: "delivered",
      delivered: { blockNumber: 3 },
    });
  });

  test("behavior: a failed execution shows, and a later delivery heals it", async () => {
    const packet = report(2n);
    await spoke.mine(packetEvent(spoke.config, "sent", packet));
    await hub.mine(packetEvent(hub.config, "verified", packet), packetEvent(hub.config, "failed", packet));
    await caughtUp();
    expect(getMessage(node.database, packet.guid)?.status).toBe("failed");
    await hub.mine(packetEvent(hub.config, "delivered", packet));
    await caughtUp();
    expect(getMessage(node.database, packet.guid)?.status).toBe("delivered");
  });

  test("behavior: a slot that was verified again with another payload is two messages, one of them delivered", async () => {
    const forged = report(3n, accounts[1]);
    const honest = report(3n, accounts[2]);
    expect(forged.guid).toBe(honest.guid);
    await spoke.mine(packetEvent(spoke.config, "sent", honest));
    await hub.mine(packetEvent(hub.config, "verified", forged));
    await caughtUp();
    expect(getMessage(node.database, honest.guid)).toMatchObject({ status: "sent", payloadHash: honest.payloadHash });
    await hub.mine(packetEvent(hub.config, "verified", honest), packetEvent(hub.config, "delivered", honest));
    await caughtUp();
    expect(getMessage(node.database, honest.guid)).toMatchObject({
      status: "delivered",
      payloadHash: honest.payloadHash,
    });
    const byHash = new Map(listPayloads(node.database, honest.guid).map((each) => [each.payloadHash, each]));
    expect(byHash.get(forged.payloadHash)).toMatchObject({ status: "verified", sent: null, account: null });
    expect(byHash.size).toBe(2);
    const listed = listMessages(node.database).filter(({ guid }) => guid === honest.guid);
    expect(new Set(listed.map(({ payloadHash }) => payloadHash))).toEqual(new Set(byHash.keys()));
  });

  test("behavior: a reorg on one chain takes back just that chain's part", async () => {
    const packet = report(4n);
    await spoke.mine(packetEvent(spoke.config, "sent", packet));
    await hub.mine(packetEvent(hub.config, "verified", packet));
    await hub.mine(packetEvent(hub.config, "delivered", packet));
    await caughtUp();
    await hub.reorg(1);
    await caughtUp();
    expect(getMessage(node.database, packet.guid)).toMatchObject({ status: "verified", delivered: null });
    await spoke.reorg(1);
    await caughtUp();
    expect(getMessage(node.database, packet.guid)).toMatchObject({ status: "verified", sent: null });
  });

  test("behavior: other people's messages are not kept", async () => {
    const { path } = report(5n, accounts[0], accounts[0].slice(0, 42) as `0x${string}`);
    const foreign = reportPacket({ ...path, receiver: numberToHex(1, { size: 32 }) }, accounts[0]);
    await spoke.mine(packetEvent(spoke.config, "sent", foreign));
    await hub.mine(packetEvent(hub.config, "verified", foreign), packetEvent(hub.config, "delivered", foreign));
    await caughtUp();
    expect(getMessage(node.database, foreign.guid)).toBeNull();
  });
});

describe("listMessages", () => {
  test("default: newest first, by account and status, page after page", async () => {
    const packets = [10n, 11n, 12n].map((nonce) => report(nonce, accounts[2]));
    for (const packet of packets) await spoke.mine(packetEvent(spoke.config, "sent", packet));
    await caughtUp();
    const filter = { account: accounts[2] ?? accounts[0], status: "sent" } as const;
    const all = listMessages(node.database, filter).map(({ guid }) => guid);
    expect(all).toEqual(packets.map(({ guid }) => guid).reverse());
    const [first] = listMessages(node.database, { ...filter, limit: 1 });
    const rest = listMessages(node.database, { ...filter, before: first?.guid ?? "0x" });
    expect(rest.map(({ guid }) => guid)).toEqual(all.slice(1));
    expect(listMessages(node.database, { ...filter, status: "delivered" }).map(({ nonce }) => nonce)).toEqual(["3"]);
  });
});
