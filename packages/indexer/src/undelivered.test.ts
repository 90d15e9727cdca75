import { numberToHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { packetsSent, packetsVerified } from "./tables/message.ts";
import { undeliveredMessages } from "./undelivered.ts";

let database: Database;
beforeAll(() => {
  database = openDatabase(":memory:");
});
afterAll(() => database.close());

const zero = `0x${"00".repeat(32)}` as const;

/** A message sent in the second of its number, on its way to chain 1. */
function write(number: number, srcEid: number, isVerified: boolean): void {
  const guid = numberToHex(number, { size: 32 });
  const at = { block: number, logIndex: 0, transactionHash: zero, timestampSeconds: number };
  const message = { guid, payloadHash: guid, nonce: BigInt(number), srcEid, dstEid: 1, sender: zero, receiver: zero };
  database.drizzle
    .insert(packetsSent)
    .values({ eid: srcEid, ...at, ...message, account: null })
    .run();
  if (isVerified)
    database.drizzle
      .insert(packetsVerified)
      .values({ eid: 1, ...at, ...message })
      .run();
}

describe("undeliveredMessages", () => {
  test("behavior: a path on which many wait hides no other path's", () => {
    database.drizzle.transaction(() => {
      for (let number = 1; number <= 300; number++) write(number, 2, false);
      for (let number = 301; number <= 303; number++) write(number, 3, true);
    });
    const found = undeliveredMessages(database, 1_000);
    expect(found).toHaveLength(200);
    const ofPath = (eid: number) => found.filter(({ srcEid }) => srcEid === eid).map((one) => one.sentAtSeconds);
    expect(ofPath(3)).toEqual([301, 302, 303]);
    expect(ofPath(2)).toEqual(Array.from({ length: 197 }, (_, index) => index + 1));
  });
});
