import type { Eid } from "@plimsoll/protocol/ids";
import type { Address } from "viem";
import { attestationFor } from "../src/api/proofs.ts";
import { createProvableEpochs } from "../src/api/provableEpochs.ts";
import { createPoster } from "../src/posting/poster.ts";
import { createSenderChain } from "../src/posting/senderChain.ts";
import { type Context, type Timing, timingFor } from "../src/quorum/context.ts";
import { createEpochEngine } from "../src/quorum/engine.ts";
import { createPatience } from "../src/quorum/patience.ts";
import { createSerialize } from "../src/serialize.ts";
import { createSqliteStore } from "../src/store/sqliteStore.ts";
import { createSender, type Sender } from "../src/transactions/sender.ts";
import { createSqliteTransactionStore } from "../src/transactions/sqliteTransactionStore.ts";
import { simulatedAttestationContract } from "./attestationContract.ts";
import { createDisk, type Disk } from "./disk.ts";
import { awaiting, type Life, lifeClock, mortalStore, mortalTransactions, type Quartz } from "./life.ts";
import type { Answering } from "./network.ts";
import { simulatedProtocol } from "./protocol.ts";
import type { Surroundings } from "./surroundings.ts";
import { senderPolicy, simulatedTransactionChain } from "./transactions.ts";
import { createView, type Index } from "./view.ts";

export const epochIntervalMs = 1_000;
const timing: Timing = { ...timingFor(epochIntervalMs, 500), mostSkewSeconds: 5 };
const policy = { deviationBps: 50, heartbeatSeconds: 3 };
const standInMs = 700;
const longestComputationMs = 400;

/** A machine with a disk, a clock and an index, and the node's process on it, which comes and goes. */
export interface Operator {
  readonly address: Address;
  readonly indexes: ReadonlyMap<Eid, Index>;
  readonly disk: () => Disk;
  quartz: Quartz;
  /** Null while the process is down. */
  context(): Context | null;
  start(): void;
  crash(): void;
  /** Ends it for good. */
  retire(): void;
}

/** @param lying wraps what the operator says to others; honest ones say what the engine says. */
export function createOperator(
  address: Address,
  around: Surroundings,
  onCrash: (operator: Operator) => void,
  lying: (engine: Answering, context: Context) => Answering = (engine) => engine,
): Operator {
  const { scheduler, random, faults, chains, mempools, membership, network } = around;
  const { composition, oracle, signatures, rules } = around;
  const syncs = composition.diskSyncs ?? true;
  const log = around.log.child({ operator: address.slice(0, 6) });
  let disk = createDisk(syncs);
  const indexes = new Map<Eid, Index>(
    [...chains.keys()].map((eid) => [eid, { lagMs: 100, halted: false, finalized: 0 }]),
  );
  let life: Life | null = null;
  let isRetired = false;
  let context: Context | null = null;
  let ending = new AbortController();

  const start = () => {
    if (life !== null || isRetired) return;
    const born: Life = { alive: true, crash: () => operator.crash() };
    life = born;
    const clock = lifeClock(born, scheduler, () => operator.quartz);
    const plainProtocol = simulatedProtocol(signatures, around.remembered, around.salt);
    const chosen = composition.protocol?.(plainProtocol) ?? plainProtocol;
    const protocol: typeof chosen = {
      ...chosen,
      recoverSigner: (header, signature) => awaiting(born, faults, () => chosen.recoverSigner(header, signature)),
      transition: (input) =>
        awaiting(born, faults, async () => {
          if (faults.strikes("slow-to-compute")) await clock.sleep(random.below(longestComputationMs));
          const result = await chosen.transition(input);
          oracle.computed(chosen.digest(result.epoch.header), result);
          return result;
        }),
    };
    const plainStore = createSqliteStore(disk.sql, protocol);
    const store = mortalStore(composition.store?.(plainStore, disk.sql) ?? plainStore, disk, born, faults);
    const plainView = createView(chains, indexes, around.remembered.states, scheduler.nowMs);
    const view = composition.view?.(plainView, chains) ?? plainView;
    const peers = network.peersOf(
      address,
      membership.machines.filter((machine) => machine !== address),
    );
    const epochs = createProvableEpochs({ store, protocol, newestPosted: () => new Map() });
    const sending = [...mempools].flatMap(([eid, mempool]) => {
      const chain = chains.get(eid);
      return chain === undefined ? [] : [{ ...around, me: address, chain, mempool, life: born }];
    });
    const senderOf = (endpoint: (typeof sending)[number]): Sender => {
      const plainTransactions = createSqliteTransactionStore(disk.sql, endpoint.chain.eid);
      const transactions = composition.transactions?.(plainTransactions) ?? plainTransactions;
      return createSender({
        chain: simulatedTransactionChain({ ...endpoint, isRecorded: disk.hasTransaction }),
        store: mortalTransactions(transactions, disk, born, faults),
        clock,
        policy: senderPolicy,
        observe: () => {},
      });
    };
    const senders = sending.map((endpoint) => ({ endpoint, sender: senderOf(endpoint) }));
    const posters = senders.map(({ endpoint, sender }) => {
      const { eid } = endpoint.chain;
      return createPoster({
        chain: createSenderChain({
          ...{ eid, name: `chain-${eid}`, sender, clock, patienceMs: 2_000, trustPoolMs: 2 * standInMs },
          contract: simulatedAttestationContract({ ...endpoint, rules }),
        }),
        policy,
        standInMs,
        me: address,
        store,
        clock,
        log,
        operators: ({ cut }) => view.operatorSetAt(cut),
        attestationFor: (summary) =>
          attestationFor({ store, view }, summary, epochs.find(summary.header.epoch).provable, eid),
      });
    });
    const made: Context = {
      protocol,
      view,
      store,
      peers: {
        addresses: peers.addresses,
        propose: (...args) => awaiting(born, faults, () => peers.propose(...args)),
        deliver: (...args) => awaiting(born, faults, () => peers.deliver(...args)),
        epochs: (...args) => awaiting(born, faults, () => peers.epochs(...args)),
        status: (...args) => awaiting(born, faults, () => peers.status(...args)),
      },
      signer: {
        address,
        sign(digest, header) {
          // Thrown into the code under test it might be caught there.
          try {
            oracle.signs(address, header);
          } catch (error) {
            around.broken(error);
          }
          return awaiting(born, faults, () => signatures.sign(address, digest));
        },
      },
      clock,
      timing,
      log,
      patience: createPatience(),
      signing: createSerialize(),
      onAttested: () => {
        for (const poster of posters) poster.wake();
      },
    };
    context = made;
    const shippingEngine = createEpochEngine(made);
    const engine = composition.engine?.(shippingEngine, made) ?? shippingEngine;
    network.join(address, lying(engine, made));
    ending = new AbortController();
    void engine.run(ending.signal);
    for (const poster of posters) void poster.run(ending.signal);
    for (const { sender } of senders) void sender.run(ending.signal);
  };

  const operator: Operator = {
    address,
    indexes,
    disk: () => disk,
    quartz: { offsetMs: 0, rate: 1, setAtMs: scheduler.nowMs() },
    context: () => context,
    start,
    crash() {
      if (life === null) return;
      life.alive = false;
      life = null;
      // Wakes nobody: the process is gone. But Node keeps a signal that somebody listens to, and with it the whole world.
      ending.abort();
      context = null;
      network.leave(address);
      if (composition.diskSurvives === false) {
        disk.close();
        disk = createDisk(syncs);
      }
      disk.crash();
      onCrash(operator);
    },
    retire() {
      isRetired = true;
      operator.crash();
    },
  };
  return operator;
}
