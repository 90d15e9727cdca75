import { endpointAbi, receiveUlnAbi } from "../layerzero/abi.ts";
import { confirmations } from "../layerzero/connect.ts";
import type { WorkerChain } from "./chain.ts";
import { isZeroHash, type Packet } from "./packet.ts";

/** How far a packet has come on its destination: nothing, signed by the DVN, verified in the endpoint, delivered. */
export type PacketStatus = "unverified" | "signed" | "verified" | "delivered";

/**
 * Reads a packet's status from the destination chain. It is the only memory the worker has.
 *
 * @example
 * if ((await packetStatus(chain, packet)) === "verified") await execute(packet);
 */
export async function packetStatus(destination: WorkerChain, packet: Packet): Promise<PacketStatus> {
  const { client, layerZero } = destination;
  const path = [packet.receiver, packet.srcEid, packet.sender] as const;
  const [inHand, lazyNonce, [submitted, submittedConfirmations]] = await Promise.all([
    client.readContract({
      address: layerZero.endpoint,
      abi: endpointAbi,
      functionName: "inboundPayloadHash",
      args: [...path, packet.nonce],
    }),
    client.readContract({
      address: layerZero.endpoint,
      abi: endpointAbi,
      functionName: "lazyInboundNonce",
      args: path,
    }),
    client.readContract({
      address: layerZero.receiveLibrary,
      abi: receiveUlnAbi,
      functionName: "hashLookup",
      args: [packet.headerHash, packet.payloadHash, layerZero.dvn],
    }),
  ]);
  if (inHand === packet.payloadHash) return "verified";
  if (isZeroHash(inHand) && packet.nonce <= lazyNonce) return "delivered";
  // Anything else in hand is a message that a reorg replaced: verifying this one overwrites it.
  return submitted && submittedConfirmations >= BigInt(confirmations) ? "signed" : "unverified";
}

/** The highest nonce of the packet's path up to which all are verified: none after it can be executed. */
export async function verifiedNonce(destination: WorkerChain, packet: Packet): Promise<bigint> {
  return destination.client.readContract({
    address: destination.layerZero.endpoint,
    abi: endpointAbi,
    functionName: "inboundNonce",
    args: [packet.receiver, packet.srcEid, packet.sender],
  });
}
