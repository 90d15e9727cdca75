import fc from "fast-check";
import { bytesToHex, type Hex } from "viem";
import { describe, expect, test } from "vitest";
import { bloomOf, parseBloom } from "./bloom.ts";
import type { Log } from "./wire.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes));
const log = fc.record({
  address: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => bytesToHex(bytes)),
  topics: fc.array(hash, { maxLength: 4 }),
});
const filler = { data: "0x", blockNumber: 1, blockHash: "0x", transactionHash: "0x", logIndex: 0 } as const;
const asLog = (each: { address: Hex; topics: Hex[] }): Log => ({ ...filler, ...each });

describe("bloomOf", () => {
  test("default: contains every address and topic that went in", () => {
    fc.assert(
      fc.property(fc.array(log, { maxLength: 20 }), (logs) => {
        const bloom = parseBloom(bloomOf(logs.map(asLog)));
        for (const { address, topics } of logs) {
          for (const item of [address, ...topics]) expect(bloom.mayContain(item)).toBe(true);
        }
      }),
    );
  });

  test("behavior: differs once a log is left out, unless the others cover its bits", () => {
    fc.assert(
      fc.property(fc.array(log, { minLength: 1, maxLength: 5 }), log, (logs, another) => {
        const without = bloomOf(logs.map(asLog));
        const covered = [another.address, ...another.topics].every((item) => parseBloom(without).mayContain(item));
        expect(bloomOf([...logs, another].map(asLog)) === without).toBe(covered);
      }),
    );
  });

  test("behavior: an empty bloom contains nothing", () => {
    fc.assert(
      fc.property(hash, (item) => {
        expect(parseBloom(bloomOf([])).mayContain(item)).toBe(false);
      }),
    );
  });
});
