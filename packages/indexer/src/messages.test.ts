import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { numberToHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { listMessages } from "./messages.ts";
import { messagesInFlight } from "./messagesInFlight.ts";
import { packetsDelivered, packetsSent } from "./tables/message.ts";

let folder: string;
let database: Database;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "indexer-messages-"));
  database = openDatabase(join(folder, "node.sqlite"));
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const zero = `0x${"00".repeat(32)}` as const;

/** A message sent in the second of its number; delivered at once unless it is to stay on its way. */
function write(number: number, isDelivered: boolean): void {
  const guid = numberToHex(number, { size: 32 });
  const event = {
    block: number,
    logIndex: 0,
    transactionHash: zero,
    timestampSeconds: number,
    guid,
    payloadHash: guid,
  };
  const path = { nonce: BigInt(number), srcEid: 1, dstEid: 2, sender: zero, receiver: zero };
  database.drizzle
    .insert(packetsSent)
    .values({ eid: 1, ...event, ...path, account: null })
    .run();
  if (isDelivered)
    database.drizzle
      .insert(packetsDelivered)
      .values({ eid: 2, ...event })
      .run();
}

describe("listMessages", () => {
  test("behavior: a status is looked for among the newest 5000, and never further", () => {
    write(1, false);
    database.drizzle.transaction(() => {
      for (let number = 2; number <= 5_000; number++) write(number, true);
    });
    const sent = () => listMessages(database, { status: "sent" }).map(({ nonce }) => nonce);
    expect(sent()).toEqual(["1"]);
    write(5_001, true);
    expect(sent()).toEqual([]);
    // Page after page it is reached all the same.
    expect(
      listMessages(database, { status: "sent", before: numberToHex(5_001, { size: 32 }) }).map(({ nonce }) => nonce),
    ).toEqual(["1"]);
    write(5_002, false);
    expect(sent()).toEqual(["5002"]);
    expect(listMessages(database, { status: "delivered", limit: 2 }).map(({ nonce }) => nonce)).toEqual([
      "5001",
      "5000",
    ]);
  });
});

describe("messagesInFlight", () => {
  test("default: what is not delivered, by its age; a chain's clock may be ahead of ours", () => {
    expect(messagesInFlight(database, 5_002)).toEqual([
      { age: "under-5m", count: 1 },
      { age: "5m-30m", count: 0 },
      { age: "30m-2h", count: 1 },
      { age: "2h-7d", count: 0 },
    ]);
    const counts = (nowSeconds: number) => messagesInFlight(database, nowSeconds).map(({ count }) => count);
    expect(counts(5_000)).toEqual([1, 0, 1, 0]);
    expect(counts(5_002 + 300)).toEqual([0, 1, 1, 0]);
    expect(counts(5_002 + 7_200)).toEqual([0, 0, 0, 2]);
    expect(counts(5_002 + 604_800)).toEqual([0, 0, 0, 0]);
  });
});
