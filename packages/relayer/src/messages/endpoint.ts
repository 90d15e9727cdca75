import { decodeEndpoint, type EndpointEvent, endpointTopics } from "@plimsoll/indexer/decode/endpoint";
import type { UndeliveredMessage } from "@plimsoll/indexer/undelivered";
import { type Address, encodeFunctionData, type Hex, isAddressEqual, type PublicClient, parseAbi, slice } from "viem";
import { revertName } from "../posting/contract.ts";

// ILayerZeroEndpointV2: what executing a message takes.
const endpointAbi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "function lzReceive(Origin origin, address receiver, bytes32 guid, bytes message, bytes extraData) payable",
]);

/** A call that executes a message. */
export interface Delivery {
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
}

export interface DestinationEndpoint {
  /** What would execute a message, or why that fails today. Rejects where a chain does not answer. */
  prepare(message: UndeliveredMessage): Promise<Delivery | { readonly refused: string }>;
}

/**
 * The endpoint of one chain.
 *
 * @param sources Reads the chain that a message comes from, by eid, with its endpoint's address: the message is in the receipt of
 * the transaction that sent it.
 */
export function createDestinationEndpoint(options: {
  readonly reader: PublicClient;
  readonly endpoint: Address;
  readonly from: Address;
  readonly sources: ReadonlyMap<number, { readonly reader: PublicClient; readonly endpoint: Address }>;
}): DestinationEndpoint {
  const { reader, endpoint, from, sources } = options;
  return {
    async prepare({ guid, payloadHash, srcEid, transactionHash }) {
      const source = sources.get(srcEid);
      const packet = source && (await findPacket(source, srcEid, transactionHash, guid));
      if (packet === undefined) return { refused: "its sending is not to be found" };
      if (packet.payloadHash !== payloadHash) return { refused: "its payload is another one" };
      const { sender, nonce } = packet;
      const call = {
        abi: endpointAbi,
        functionName: "lzReceive",
        args: [{ srcEid, sender, nonce }, slice(packet.receiver, 12), guid, packet.message, "0x"],
      } as const;
      try {
        const gas = await reader.estimateContractGas({ ...call, address: endpoint, account: from });
        return { to: endpoint, data: encodeFunctionData(call), gas };
      } catch (error) {
        const revert = revertName(error);
        if (revert === null) throw error;
        return { refused: revert };
      }
    },
  };
}

type PacketSent = Extract<EndpointEvent, { type: "packet-sent" }>;

async function findPacket(
  { reader, endpoint }: { readonly reader: PublicClient; readonly endpoint: Address },
  srcEid: number,
  hash: Hex,
  guid: Hex,
): Promise<PacketSent | undefined> {
  const { logs } = await reader.getTransactionReceipt({ hash });
  for (const log of logs) {
    const [topic] = log.topics;
    if (!isAddressEqual(log.address, endpoint) || topic === undefined || !endpointTopics.includes(topic)) continue;
    const event = decodeEndpoint({ ...log, topics: [topic, ...log.topics.slice(1)] }, srcEid);
    if (event.type === "packet-sent" && event.guid === guid) return event;
  }
  return undefined;
}
