import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters } from "viem";
import { expect, test } from "vitest";
import { hashCut } from "./cut.ts";

const hash: Hex = `0x${"ab".repeat(32)}`;
const blocks = [
  { eid: 30101, number: 5, hash, timestampSeconds: 60 },
  { eid: 30110, number: 6, hash, timestampSeconds: 61 },
];

test("default: abi.encode of the blocks, ascending by eid whatever the order given", () => {
  const type = parseAbiParameters("(uint32 eid, uint64 number, bytes32 hash, uint64 timestamp)[]");
  const encoded = encodeAbiParameters(type, [
    [
      { eid: 30101, number: 5n, hash, timestamp: 60n },
      { eid: 30110, number: 6n, hash, timestamp: 61n },
    ],
  ]);
  expect(hashCut(blocks)).toBe(keccak256(encoded));
  expect(hashCut([...blocks].reverse())).toBe(keccak256(encoded));
});
