import { makeAccountId } from "@plimsoll/protocol/account";
import { type Address, type Hex, numberToHex } from "viem";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { supersede } from "./store/supersede.ts";
import { blocks, checkpoints } from "./tables/chain.ts";
import { ledgerTotals, vaultTotals } from "./tables/collateral.ts";
import { packetsDelivered, packetsSent } from "./tables/message.ts";
import { reportsUnderWay, unreportedCollateral } from "./unreported.ts";

const [hub, spoke] = [1, 2];
const account = makeAccountId(`0x${"a1".repeat(20)}`, 0n);
const [usdc, weth] = [`0x${"01".repeat(20)}`, `0x${"02".repeat(20)}`] as const;
const word = (number: number): Hex => numberToHex(number, { size: 32 });

let database: Database;
beforeEach(() => {
  database = openDatabase(":memory:");
  // A block every ten seconds; the newest ten of a hundred are not final.
  for (const eid of [hub, spoke]) {
    for (let number = 0; number <= 100; number++) {
      const row = { eid, number, hash: word(number), parentHash: word(number), timestampSeconds: 10 * number };
      database.drizzle.insert(blocks).values(row).run();
    }
    const read = { eid, indexedNumber: 100, indexedHash: word(100), finalizedNumber: 90, halted: null };
    database.drizzle.insert(checkpoints).values(read).run();
  }
});
afterEach(() => database.close());

function deposited(block: number, total: bigint, asset: Address = usdc, eid = spoke): void {
  const rest = { withdrawn: 0n, requestedTotal: 0n };
  supersede(database, vaultTotals, block, { eid, account, asset }, { deposited: total, ...rest });
}
function heard(block: number, total: bigint, sequence: bigint, asset: Address = usdc): void {
  const key = { eid: hub, vaultEid: spoke, account, asset };
  supersede(database, ledgerTotals, block, key, { deposited: total, withdrawn: 0n, sequence });
}
function message(table: typeof packetsSent | typeof packetsDelivered, block: number, guid: number): void {
  const happened = { block, logIndex: 0, transactionHash: word(1), timestampSeconds: 10 * block, guid: word(guid) };
  const path = { nonce: BigInt(guid), srcEid: spoke, dstEid: hub, sender: word(8), receiver: word(9), account };
  const eid = table === packetsSent ? spoke : hub;
  database.drizzle
    .insert(table)
    .values({ eid, ...happened, payloadHash: word(guid), ...path })
    .run();
}
const late = (beforeSeconds = 1_000) => unreportedCollateral(database, hub, beforeSeconds);

describe("unreportedCollateral", () => {
  test("default: a final deposit that the hub has not heard of, since the first of them", () => {
    deposited(10, 9n);
    heard(12, 9n, 1n);
    deposited(20, 10n);
    deposited(30, 11n);
    expect(late()).toEqual([
      {
        ...{ eid: spoke, account, knownSequence: 1, sinceBlock: 20, sinceSeconds: 200, indexedNumber: 100 },
        amounts: [{ asset: usdc, amount: 2n }],
      },
    ]);
    expect(late(199)).toEqual([]);
    heard(40, 11n, 3n);
    expect(late()).toEqual([]);
  });

  test("behavior: one that is not final yet is not late, and neither is what the hub heard of before it was", () => {
    deposited(91, 5n);
    expect(late()).toEqual([]);
    heard(95, 5n, 1n);
    expect(late()).toEqual([]);
  });

  test("behavior: several assets are one account; amounts are numbers, not text", () => {
    deposited(20, 10n);
    deposited(25, 10n ** 30n, weth);
    heard(21, 9n, 1n);
    expect(late()).toMatchObject([
      {
        sinceSeconds: 200,
        amounts: [
          { asset: usdc, amount: 1n },
          { asset: weth, amount: 10n ** 30n },
        ],
      },
    ]);
    heard(22, 10n, 2n);
    expect(late()).toMatchObject([{ sinceSeconds: 250, knownSequence: 2 }]);
    heard(26, 10n ** 30n, 3n, weth);
    expect(late()).toEqual([]);
  });

  test("behavior: neither the hub's own vault, nor a request or a withdrawal", () => {
    deposited(20, 10n, usdc, hub);
    const key = { eid: spoke, account, asset: usdc };
    supersede(database, vaultTotals, 20, key, { deposited: 0n, withdrawn: 0n, requestedTotal: 5n });
    expect(late()).toEqual([]);
    deposited(30, 10n);
    heard(40, 10n, 1n);
    supersede(database, vaultTotals, 50, key, { deposited: 10n, withdrawn: 4n, requestedTotal: 5n });
    expect(late()).toEqual([]);
  });

  test("behavior: reports sent since then and not arrived are named, earlier and arrived ones are not", () => {
    message(packetsSent, 19, 1);
    deposited(20, 10n);
    for (const [block, guid] of [
      [20, 2],
      [40, 3],
      [95, 4],
    ] as const)
      message(packetsSent, block, guid);
    message(packetsDelivered, 50, 3);
    const path = { srcEid: spoke, sender: word(8), receiver: word(9) };
    expect(late().map((one) => reportsUnderWay(database, one))).toEqual([
      [
        { guid: word(2), nonce: 2n, ...path },
        { guid: word(4), nonce: 4n, ...path },
      ],
    ]);
  });
});
