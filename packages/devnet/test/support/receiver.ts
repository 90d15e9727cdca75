import { Options } from "@layerzerolabs/lz-v2-utilities";
import { type Address, type Hex, isHex, pad, parseEventLogs } from "viem";
import type { DevnetAccount } from "../../src/accounts.ts";
import { endpointAbi } from "../../src/layerzero/abi.ts";
import type { ConnectedChain } from "../../src/layerzero/network.ts";
import { startBatch } from "../../src/transactions.ts";
import { decodePacket, type Packet } from "../../src/worker/packet.ts";

/** A contract that answers `1` to every call: a LayerZero receiver that takes any message. */
const acceptEverything = "0x69600160005260206000f3600052600a6016f3";

export async function deployReceiver(chain: ConnectedChain, from: DevnetAccount): Promise<Address> {
  const batch = await startBatch(chain, from.address);
  const address = batch.deploy("receiver", acceptEverything);
  await batch.settle();
  return address;
}

export interface Message {
  readonly destination: ConnectedChain;
  readonly receiver: Address;
  readonly message: Hex;
  readonly receiveGas?: number;
}

/** Sends a message from a plain account through the real endpoint, for the fee that it quotes. */
export async function sendMessage(
  source: ConnectedChain,
  from: DevnetAccount,
  { destination, receiver, message, receiveGas = 100_000 }: Message,
): Promise<{ packet: Packet; nativeFee: bigint; blockNumber: bigint }> {
  const options = Options.newOptions().addExecutorLzReceiveOption(receiveGas).toHex();
  const parameters = {
    dstEid: destination.eid,
    receiver: pad(receiver),
    message,
    options: isHex(options) ? options : ("0x" as const),
    payInLzToken: false,
  };
  const endpoint = { address: source.layerZero.endpoint, abi: endpointAbi } as const;
  const { nativeFee } = await source.client.readContract({
    ...endpoint,
    functionName: "quote",
    args: [parameters, from.address],
  });
  const hash = await source.client.writeContract({
    ...endpoint,
    account: from.address,
    chain: null,
    functionName: "send",
    args: [parameters, from.address],
    value: nativeFee,
    gas: 1_000_000n,
  });
  const { logs, blockNumber } = await source.client.waitForTransactionReceipt({ hash });
  const [sent] = parseEventLogs({ abi: endpointAbi, eventName: "PacketSent", logs });
  if (!sent) throw new TypeError("the endpoint sent nothing");
  return { packet: decodePacket(sent.args.encodedPayload, sent.args.options), nativeFee, blockNumber };
}
