import { PacketV1Codec } from "@layerzerolabs/lz-v2-utilities";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import {
  type Address,
  concat,
  decodeAbiParameters,
  decodeEventLog,
  encodePacked,
  type Hex,
  keccak256,
  pad,
  parseAbi,
  toEventSelector,
} from "viem";
import { lower, type RawLog } from "./log.ts";

/** Names a message: an unexecuted slot can be verified again with another hash, so the guid alone does not. */
export interface MessageKey {
  readonly guid: Hex;
  /** `keccak256(guid ++ message)` */
  readonly payloadHash: Hex;
}

export interface MessagePath {
  readonly nonce: bigint;
  readonly srcEid: Eid;
  readonly dstEid: Eid;
  /** 32 bytes, as LayerZero writes addresses. */
  readonly sender: Hex;
  readonly receiver: Hex;
}

export type EndpointEvent =
  | ({ readonly type: "packet-sent"; readonly message: Hex } & MessageKey & MessagePath)
  | ({ readonly type: "packet-verified" } & MessageKey & MessagePath)
  | ({ readonly type: "packet-delivered"; readonly guid: Hex } & MessagePath)
  | ({ readonly type: "packet-failed" } & MessageKey & MessagePath);

// ILayerZeroEndpointV2.
const abi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "event PacketSent(bytes encodedPayload, bytes options, address sendLibrary)",
  "event PacketVerified(Origin origin, address receiver, bytes32 payloadHash)",
  "event PacketDelivered(Origin origin, address receiver)",
  "event LzReceiveAlert(address indexed receiver, address indexed executor, Origin origin, bytes32 guid, uint256 gas, uint256 value, bytes message, bytes extraData, bytes reason)",
]);

export const endpointTopics: readonly Hex[] = abi.map((event) => toEventSelector(event));

/** Decodes an event of the endpoint of chain `eid`. */
export function decodeEndpoint(log: RawLog, eid: Eid): EndpointEvent {
  const { eventName, args } = decodeEventLog({ abi, topics: log.topics, data: log.data });
  switch (eventName) {
    case "PacketSent": {
      const packet = PacketV1Codec.from(args.encodedPayload);
      return {
        type: "packet-sent",
        guid: packet.guid() as Hex,
        payloadHash: packet.payloadHash() as Hex,
        message: packet.message() as Hex,
        nonce: BigInt(packet.nonce()),
        srcEid: packet.srcEid(),
        dstEid: packet.dstEid(),
        sender: packet.sender() as Hex,
        receiver: packet.receiver() as Hex,
      };
    }
    case "PacketVerified": {
      const path = pathOf(args.origin, args.receiver, eid);
      return { type: "packet-verified", guid: guidOf(path), payloadHash: args.payloadHash, ...path };
    }
    case "PacketDelivered": {
      const path = pathOf(args.origin, args.receiver, eid);
      return { type: "packet-delivered", guid: guidOf(path), ...path };
    }
    case "LzReceiveAlert": {
      const payloadHash = keccak256(concat([args.guid, args.message]));
      return { type: "packet-failed", guid: args.guid, payloadHash, ...pathOf(args.origin, args.receiver, eid) };
    }
  }
}

function pathOf(origin: { srcEid: number; sender: Hex; nonce: bigint }, receiver: Address, dstEid: Eid): MessagePath {
  return { ...origin, sender: lower(origin.sender), dstEid, receiver: addressToBytes32(receiver) };
}

export function addressToBytes32(address: Address): Hex {
  return pad(lower(address), { size: 32 });
}

/** As LayerZero's `GUID.generate`. */
export function guidOf(path: MessagePath): Hex {
  return keccak256(
    encodePacked(
      ["uint64", "uint32", "bytes32", "uint32", "bytes32"],
      [path.nonce, path.srcEid, path.sender, path.dstEid, path.receiver],
    ),
  );
}

/** The account that a vault's report to the ledger speaks of; null when the message is of another form. */
export function reportedAccount(message: Hex): AccountId | null {
  try {
    const [account] = decodeAbiParameters(
      [
        { type: "bytes32" },
        { type: "uint64" },
        { type: "tuple[]", components: [{ type: "address" }, { type: "uint128" }, { type: "uint128" }] },
      ],
      message,
    );
    return lower(account);
  } catch {
    return null;
  }
}
