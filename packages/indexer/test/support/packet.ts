import { PacketSerializer } from "@layerzerolabs/lz-v2-utilities";
import { concat, encodeAbiParameters, type Hex, keccak256, numberToHex, parseAbi, zeroAddress } from "viem";
import type { ChainConfig } from "../../src/config.ts";
import { addressToBytes32, guidOf, type MessagePath } from "../../src/decode/endpoint.ts";
import { type Emission, emission } from "./emitter.ts";
import type { Random } from "./random.ts";

export const endpointAbi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "event PacketSent(bytes encodedPayload, bytes options, address sendLibrary)",
  "event PacketVerified(Origin origin, address receiver, bytes32 payloadHash)",
  "event PacketDelivered(Origin origin, address receiver)",
  "event LzReceiveAlert(address indexed receiver, address indexed executor, Origin origin, bytes32 guid, uint256 gas, uint256 value, bytes message, bytes extraData, bytes reason)",
]);

export interface TestPacket {
  readonly path: MessagePath;
  readonly guid: Hex;
  readonly message: Hex;
  readonly payloadHash: Hex;
  readonly encoded: Hex;
}

/** A vault's report of an account to the ledger, as LayerZero carries it. */
export function reportPacket(path: MessagePath, account: Hex): TestPacket {
  const message = encodeAbiParameters(
    [
      { type: "bytes32" },
      { type: "uint64" },
      { type: "tuple[]", components: [{ type: "address" }, { type: "uint128" }, { type: "uint128" }] },
    ],
    [account, 1n, [[zeroAddress, 5n, 0n]]],
  );
  const guid = guidOf(path);
  const payload = concat([guid, message]);
  const { srcEid, sender, dstEid, receiver } = path;
  const packet = { version: 1, nonce: `${path.nonce}`, srcEid, sender, dstEid, receiver, guid, message, payload };
  return { path, guid, message, payloadHash: keccak256(payload), encoded: PacketSerializer.serialize(packet) as Hex };
}

/** What the endpoint of `config` says of a packet at one step of its way. */
export function packetEvent(
  config: ChainConfig,
  step: "sent" | "verified" | "delivered" | "failed",
  packet: TestPacket,
): Emission {
  const { endpoint } = config.contracts;
  const { srcEid, sender, nonce } = packet.path;
  const origin = { srcEid, sender, nonce };
  const receiver: Hex = `0x${packet.path.receiver.slice(26)}`;
  switch (step) {
    case "sent":
      return emission(endpoint, endpointAbi, "PacketSent", {
        ...{ encodedPayload: packet.encoded, options: "0x", sendLibrary: zeroAddress },
      });
    case "verified":
      return emission(endpoint, endpointAbi, "PacketVerified", { origin, receiver, payloadHash: packet.payloadHash });
    case "delivered":
      return emission(endpoint, endpointAbi, "PacketDelivered", { origin, receiver });
    case "failed":
      return emission(endpoint, endpointAbi, "LzReceiveAlert", {
        ...{ receiver, executor: zeroAddress, origin, guid: packet.guid, gas: 0n, value: 0n },
        ...{ message: packet.message, extraData: "0x", reason: "0x" },
      });
  }
}

/** Any step of any of a few packets, ours or somebody else's. */
export function packetEmission(random: Random, config: ChainConfig): Emission {
  const outwards = random.int(2) === 0;
  const ours = addressToBytes32(config.contracts.ledger ?? zeroAddress);
  const path = {
    nonce: BigInt(1 + random.int(3)),
    srcEid: outwards ? config.eid : 50_000,
    dstEid: outwards ? 50_000 : config.eid,
    sender: outwards ? ours : numberToHex(0xfeed, { size: 32 }),
    receiver: outwards || random.int(4) === 0 ? numberToHex(0xbeef, { size: 32 }) : ours,
  };
  const packet = reportPacket(path, numberToHex(1 + random.int(2), { size: 32 }));
  return packetEvent(config, outwards ? "sent" : random.pick(["verified", "delivered", "failed"]), packet);
}
