import type { Eid } from "@plimsoll/protocol/ids";
import type { Hex } from "viem";
import type { Packet } from "./packet.ts";

/** What the worker tells of its work: a constant name and fields. */
export type WorkerEvent =
  | PacketEvent<"packet-seen">
  /** Its block is no longer part of the chain. */
  | PacketEvent<"packet-dropped">
  | PacketEvent<"packet-verified">
  | PacketEvent<"packet-delivered">
  /** The receiver refused it. It stays verified and anyone may deliver it. */
  | PacketEvent<"packet-failed">
  /** Tried again later: a verification was refused, or a transaction got lost. */
  | PacketEvent<"packet-delayed">
  /** A chain did not answer; the worker keeps asking. */
  | { readonly msg: "chain-unreachable"; readonly chain: string; readonly reason: string };

interface PacketEvent<Message extends string> {
  readonly msg: Message;
  readonly guid: Hex;
  readonly srcEid: Eid;
  readonly dstEid: Eid;
  readonly nonce: bigint;
}

export type WorkerLog = (event: WorkerEvent) => void;

export function packetEvent<Message extends string>(msg: Message, packet: Packet): PacketEvent<Message> {
  return { msg, guid: packet.guid, srcEid: packet.srcEid, dstEid: packet.dstEid, nonce: packet.nonce };
}
