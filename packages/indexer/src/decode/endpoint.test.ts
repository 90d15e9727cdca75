import { calculateGuid, PacketSerializer } from "@layerzerolabs/lz-v2-utilities";
import fc from "fast-check";
import { bytesToHex, concat, encodeAbiParameters, encodeEventTopics, type Hex, keccak256, zeroAddress } from "viem";
import { describe, expect, test } from "vitest";
import { endpointAbi } from "../../test/support/packet.ts";
import { decodeEndpoint, guidOf, reportedAccount } from "./endpoint.ts";

const bytes = (minLength: number, maxLength = minLength) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => bytesToHex(array));
const eid = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const path = fc.record({
  nonce: fc.bigInt({ min: 1n, max: 2n ** 53n }),
  srcEid: eid,
  dstEid: eid,
  sender: bytes(32),
  receiver: bytes(32),
});

describe("guidOf", () => {
  test("default: is LayerZero's own", () => {
    fc.assert(
      fc.property(path, (each) => {
        const header = { version: 1, ...each, nonce: `${each.nonce}` };
        expect(guidOf(each)).toBe(calculateGuid(header));
      }),
    );
  });
});

describe("decodeEndpoint", () => {
  test("default: reads back any packet that was sent, with the hash that its verification will name", () => {
    fc.assert(
      fc.property(path, bytes(0, 200), (each, message) => {
        const guid = guidOf(each);
        const payload = concat([guid, message]);
        const packet = { version: 1, ...each, nonce: `${each.nonce}`, guid, message, payload };
        const encodedPayload = PacketSerializer.serialize(packet) as Hex;
        const [topic] = encodeEventTopics({ abi: endpointAbi, eventName: "PacketSent" });
        const data = encodeAbiParameters(
          [{ type: "bytes" }, { type: "bytes" }, { type: "address" }],
          [encodedPayload, "0x", zeroAddress],
        );
        const event = decodeEndpoint({ topics: [topic], data }, each.srcEid);
        expect(event).toEqual({ type: "packet-sent", ...each, guid, message, payloadHash: keccak256(payload) });
      }),
    );
  });
});

describe("reportedAccount", () => {
  test("behavior: null for a message of another form", () => {
    expect(reportedAccount("0x")).toBeNull();
    expect(reportedAccount("0xc0ffee")).toBeNull();
  });
});
