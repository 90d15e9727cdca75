import { Options, PacketV1Codec } from "@layerzerolabs/lz-v2-utilities";
import type { Eid } from "@plimsoll/protocol/ids";
import { type Address, getAddress, type Hex, hexToBigInt, isHex, slice } from "viem";

/** A LayerZero packet as its source chain emitted it. */
export interface Packet {
  readonly nonce: bigint;
  readonly srcEid: Eid;
  readonly sender: Hex;
  readonly dstEid: Eid;
  readonly receiver: Address;
  readonly guid: Hex;
  readonly message: Hex;
  /** What a DVN verifies: 81 bytes, and the hash of guid and message. */
  readonly header: Hex;
  readonly headerHash: Hex;
  readonly payloadHash: Hex;
  /** What the sender paid the executor to call the receiver with. */
  readonly receiveGas: bigint;
  readonly receiveValue: bigint;
}

/**
 * Decodes what `PacketSent` carries.
 *
 * @example
 * const packet = decodePacket(log.args.encodedPayload, log.args.options);
 */
export function decodePacket(encodedPayload: Hex, options: Hex): Packet {
  const codec = PacketV1Codec.from(encodedPayload);
  const receive = Options.fromOptions(options).decodeExecutorLzReceiveOption();
  return {
    nonce: BigInt(codec.nonce()),
    srcEid: codec.srcEid(),
    sender: asHex(codec.sender()),
    dstEid: codec.dstEid(),
    receiver: getAddress(slice(asHex(codec.receiver()), 12)),
    guid: asHex(codec.guid()),
    message: asHex(codec.message()),
    header: asHex(codec.header()),
    headerHash: asHex(codec.headerHash()),
    payloadHash: asHex(codec.payloadHash()),
    receiveGas: BigInt(receive?.gas ?? 0),
    receiveValue: BigInt(receive?.value ?? 0),
  };
}

/** The packet's path and number, as the endpoint names it. */
export function originOf(packet: Packet) {
  return { srcEid: packet.srcEid, sender: packet.sender, nonce: packet.nonce };
}

/** A hash that no message has: what the endpoint's storage holds for "nothing here". */
export function isZeroHash(hash: Hex): boolean {
  return hexToBigInt(hash) === 0n;
}

function asHex(text: string): Hex {
  const prefixed = text.startsWith("0x") ? text : `0x${text}`;
  return isHex(prefixed) ? prefixed : "0x";
}
