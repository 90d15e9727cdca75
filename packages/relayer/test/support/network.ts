import type { Address } from "viem";
import type { EpochEngine } from "../../src/quorum/engine.ts";
import { PeerError } from "../../src/quorum/errors.ts";
import {
  attestationNoticeSchema,
  epochRecordsSchema,
  peerStatusSchema,
  proposalSchema,
} from "../../src/quorum/messages.ts";
import type { Peers } from "../../src/quorum/peers.ts";
import { proposalAnswerSchema } from "../../src/quorum/refusal.ts";

export type CallKind = "propose" | "deliver" | "epochs" | "status";

export interface Call {
  readonly from: Address;
  readonly to: Address;
  readonly kind: CallKind;
}

/** A network without wires that says everything in JSON, as HTTP would. */
export interface MemoryNetwork {
  /** Requests for which this is true get lost on the way. */
  loseRequest: (call: Call) => boolean;
  /** Called after the request had its effect; for those where it is true the answer gets lost. */
  loseAnswer: (call: Call) => boolean;
  readonly calls: Call[];
  join(address: Address, engine: EpochEngine): void;
  leave(address: Address): void;
  peersOf(from: Address, others: readonly Address[]): Peers;
}

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

export function memoryNetwork(): MemoryNetwork {
  const engines = new Map<Address, EpochEngine>();
  const network: MemoryNetwork = {
    loseRequest: () => false,
    loseAnswer: () => false,
    calls: [],
    join: (address, engine) => engines.set(address, engine),
    leave: (address) => engines.delete(address),
    peersOf(from, others) {
      const call = async (to: Address, kind: CallKind, run: (engine: EpochEngine) => unknown): Promise<unknown> => {
        const what = { from, to, kind };
        network.calls.push(what);
        const engine = engines.get(to);
        if (engine === undefined || network.loseRequest(what)) throw new PeerError("no answer");
        const answer = await run(engine);
        if (network.loseAnswer(what)) throw new PeerError("no answer");
        return overTheWire(answer);
      };
      return {
        addresses: others,
        propose: async (to, proposal) =>
          proposalAnswerSchema.parse(
            await call(to, "propose", (engine) => engine.considerProposal(proposalSchema.parse(overTheWire(proposal)))),
          ),
        deliver: async (to, notice) => {
          await call(to, "deliver", (engine) =>
            engine.receiveAttestation(attestationNoticeSchema.parse(overTheWire(notice))),
          );
        },
        epochs: async (to, epoch) =>
          epochRecordsSchema.parse(await call(to, "epochs", (engine) => ({ records: engine.epochRecords(epoch) })))
            .records,
        status: async (to) => peerStatusSchema.parse(await call(to, "status", (engine) => engine.status())),
      };
    },
  };
  return network;
}
