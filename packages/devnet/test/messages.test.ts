import { type Hex, keccak256 } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { developmentAccounts } from "../src/accounts.ts";
import { type Chains, startChains } from "../src/chains/start.ts";
import { endpointAbi } from "../src/layerzero/abi.ts";
import { confirmations } from "../src/layerzero/connect.ts";
import { type ConnectedChain, deployLayerZeroNetwork, workerKeys } from "../src/layerzero/network.ts";
import type { WorkerEvent } from "../src/worker/events.ts";
import { originOf } from "../src/worker/packet.ts";
import { packetStatus } from "../src/worker/status.ts";
import { startWorker, type Worker } from "../src/worker/worker.ts";
import { eventually } from "./support/eventually.ts";
import { chainsOnFreePorts } from "./support/ports.ts";
import { deployReceiver, sendMessage } from "./support/receiver.ts";

const accounts = developmentAccounts(3);
const { alice, bob } = accounts;
let running: Chains;
let alder: ConnectedChain;
let birch: ConnectedChain;
let cedar: ConnectedChain;
let chains: ConnectedChain[];
let worker: Worker;
let events: WorkerEvent[];

beforeAll(async () => {
  running = await startChains(await chainsOnFreePorts());
  chains = await deployLayerZeroNetwork(running.chains, accounts);
  [alder, birch, cedar] = chains as [ConnectedChain, ConnectedChain, ConnectedChain];
});

beforeEach(() => {
  events = [];
  worker = startAnotherWorker();
});

afterEach(() => worker.stop());

afterAll(() => running?.stop());

function startAnotherWorker(): Worker {
  return startWorker({ chains, keys: workerKeys(accounts), log: (event) => events.push(event) });
}

/** Blocks come only with transactions here, so confirmations have to be asked for. */
function confirm(chain: ConnectedChain): Promise<void> {
  return chain.client.mine({ blocks: confirmations });
}

/** Replaces the newest blocks by empty ones. */
async function reorganise(chain: ConnectedChain, depth: number): Promise<void> {
  await chain.client.request<{ Method: "anvil_reorg"; Parameters: [number, []]; ReturnType: null }>({
    method: "anvil_reorg",
    params: [depth, []],
  });
}

function told(msg: WorkerEvent["msg"], guid: Hex): Promise<true> {
  return eventually(msg, () => events.some((event) => event.msg === msg && "guid" in event && event.guid === guid));
}

function notTold(msg: WorkerEvent["msg"]): boolean {
  return events.every((event) => event.msg !== msg);
}

describe("a message", () => {
  test("default: crosses from every chain to every other, for a fee", async () => {
    const receivers = await Promise.all(chains.map((chain) => deployReceiver(chain, alice)));
    for (const source of chains) {
      for (const [index, destination] of chains.entries()) {
        const receiver = receivers[index];
        if (source === destination || !receiver) continue;
        const sent = await sendMessage(source, alice, { destination, receiver, message: "0xc0ffee" });
        expect(sent.nativeFee).toBeGreaterThan(0n);
        await confirm(source);
        await told("packet-delivered", sent.packet.guid);
        expect(await packetStatus(destination, sent.packet)).toBe("delivered");
      }
    }
  });

  test("behavior: waits for its confirmations", async () => {
    const receiver = await deployReceiver(birch, alice);
    const { packet } = await sendMessage(alder, alice, { destination: birch, receiver, message: "0x01" });
    await alder.client.mine({ blocks: confirmations - 1 });
    await told("packet-seen", packet.guid);
    // Another one that has all its confirmations, and crosses without a block on alder, shows that the worker is not
    // merely slow.
    const elsewhere = await deployReceiver(cedar, alice);
    const other = await sendMessage(birch, alice, { destination: cedar, receiver: elsewhere, message: "0x" });
    await confirm(birch);
    await told("packet-delivered", other.packet.guid);
    expect(await packetStatus(birch, packet)).toBe("unverified");
    await alder.client.mine({ blocks: 1 });
    await told("packet-delivered", packet.guid);
  });

  test("behavior: is dropped when its block is reorganised away, and its nonce serves the next", async () => {
    const receiver = await deployReceiver(birch, alice);
    const message = { destination: birch, receiver } as const;
    const lost = await sendMessage(alder, alice, { ...message, message: "0xdead" });
    await told("packet-seen", lost.packet.guid);
    await reorganise(alder, 1);
    const kept = await sendMessage(alder, alice, { ...message, message: "0xcafe" });
    expect(kept.packet.guid).toBe(lost.packet.guid);
    expect(kept.packet.payloadHash).not.toBe(lost.packet.payloadHash);
    await confirm(alder);
    await told("packet-dropped", lost.packet.guid);
    await told("packet-delivered", kept.packet.guid);
    const verified = await birch.client.getContractEvents({
      address: birch.layerZero.endpoint,
      abi: endpointAbi,
      eventName: "PacketVerified",
      fromBlock: birch.startBlock,
      strict: true,
    });
    const payloads = verified.filter(({ args }) => args.receiver === receiver).map(({ args }) => args.payloadHash);
    expect(payloads).toEqual([kept.packet.payloadHash]);
  });

  test("behavior: is delivered again when the delivery's own block is reorganised away", async () => {
    const receiver = await deployReceiver(birch, alice);
    const { packet } = await sendMessage(alder, alice, { destination: birch, receiver, message: "0xfeed" });
    const before = await birch.client.getBlockNumber();
    await confirm(alder);
    await told("packet-delivered", packet.guid);
    await reorganise(birch, Number((await birch.client.getBlockNumber()) - before));
    expect(await packetStatus(birch, packet)).toBe("unverified");
    await eventually("the second delivery", async () => {
      await birch.client.mine({ blocks: 1 });
      return (await packetStatus(birch, packet)) === "delivered";
    });
  });

  test("behavior: hangs verified while the executor is paused; anybody may deliver it", async () => {
    worker.pauseExecutor();
    const receiver = await deployReceiver(birch, alice);
    const { packet } = await sendMessage(alder, alice, { destination: birch, receiver, message: "0x02" });
    await confirm(alder);
    await told("packet-verified", packet.guid);
    expect(await packetStatus(birch, packet)).toBe("verified");
    await deliverByHand(packet);
    expect(await packetStatus(birch, packet)).toBe("delivered");
    expect(notTold("packet-delivered")).toBe(true);
  });

  test("behavior: is delivered once the executor goes on", async () => {
    worker.pauseExecutor();
    const receiver = await deployReceiver(birch, alice);
    const sent = [];
    for (const message of ["0x03", "0x04", "0x05"] as const) {
      sent.push((await sendMessage(alder, alice, { destination: birch, receiver, message })).packet);
    }
    await confirm(alder);
    for (const packet of sent) await told("packet-verified", packet.guid);
    worker.resumeExecutor();
    for (const packet of sent) await told("packet-delivered", packet.guid);
  });

  test("behavior: stays verified when its receiver refuses it, and can be rescued with more gas", async () => {
    const receiver = await deployReceiver(birch, alice);
    const message = { destination: birch, receiver, message: "0x06", receiveGas: 1_000 } as const;
    const { packet } = await sendMessage(alder, alice, message);
    await confirm(alder);
    await told("packet-failed", packet.guid);
    expect(await packetStatus(birch, packet)).toBe("verified");
    await deliverByHand(packet);
    expect(await packetStatus(birch, packet)).toBe("delivered");
  });

  test("behavior: survives a worker that ends half-way", async () => {
    worker.pauseExecutor();
    const receiver = await deployReceiver(birch, alice);
    const first = await sendMessage(alder, alice, { destination: birch, receiver, message: "0x07" });
    await confirm(alder);
    await told("packet-verified", first.packet.guid);
    await worker.stop();
    const second = await sendMessage(alder, alice, { destination: birch, receiver, message: "0x08" });
    await confirm(alder);
    worker = startAnotherWorker();
    await told("packet-delivered", first.packet.guid);
    await told("packet-delivered", second.packet.guid);
  });

  test("behavior: is not verified by one of three signers", async () => {
    await worker.stop();
    const keys = workerKeys(accounts);
    worker = startWorker({
      chains,
      keys: { ...keys, dvnSigners: keys.dvnSigners.slice(0, 1) },
      log: (e) => events.push(e),
    });
    const receiver = await deployReceiver(birch, alice);
    const { packet } = await sendMessage(alder, alice, { destination: birch, receiver, message: "0x09" });
    await confirm(alder);
    await told("packet-delayed", packet.guid);
    expect(await packetStatus(birch, packet)).toBe("unverified");
  });
});

describe("a chain that does not answer", () => {
  test("behavior: holds up no message between the others, nor the worker's end", async () => {
    const receiver = await deployReceiver(birch, alice);
    process.kill(alder.pid(), "SIGKILL");
    await eventually("its loss", () => events.some(({ msg }) => msg === "chain-unreachable"));
    const { packet } = await sendMessage(cedar, alice, { destination: birch, receiver, message: "0x0a" });
    await confirm(cedar);
    await told("packet-delivered", packet.guid);
    await worker.stop();
  });
});

async function deliverByHand(packet: Parameters<typeof packetStatus>[1]): Promise<void> {
  expect(keccak256(`${packet.guid}${packet.message.slice(2)}`)).toBe(packet.payloadHash);
  const hash = await birch.client.writeContract({
    account: bob.address,
    chain: null,
    address: birch.layerZero.endpoint,
    abi: endpointAbi,
    functionName: "lzReceive",
    args: [originOf(packet), packet.receiver, packet.guid, packet.message, "0x"],
  });
  await birch.client.waitForTransactionReceipt({ hash });
}
