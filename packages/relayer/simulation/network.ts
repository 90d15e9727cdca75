import type { Header } from "@plimsoll/protocol/epoch";
import type { Random } from "@plimsoll/protocol/simulation/random";
import type { Address, Hex } from "viem";
import type { EpochEngine } from "../src/quorum/engine.ts";
import { PeerError } from "../src/quorum/errors.ts";
import {
  attestationNoticeSchema,
  epochRecordsSchema,
  peerStatusSchema,
  proposalSchema,
} from "../src/quorum/messages.ts";
import type { Peers } from "../src/quorum/peers.ts";
import { proposalAnswerSchema } from "../src/quorum/refusal.ts";
import type { Faults } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";
import type { World } from "./world.ts";

/** What a node answers to others. */
export type Answering = Pick<EpochEngine, "considerProposal" | "receiveAttestation" | "epochRecords" | "status">;

/** Called with all signatures that leave a node, before they can get lost. */
export type OnLeaving = (from: Address, header: Header, signatures: readonly Hex[]) => void;

/** Wires that lose, repeat, delay and reorder, and that say everything in JSON, as HTTP does. */
export interface Network {
  join(address: Address, node: Answering): void;
  leave(address: Address): void;
  cut(one: Address, other: Address, untilMs: number): void;
  /** Nobody reaches anybody until then. */
  silence(untilMs: number): void;
  peersOf(from: Address, others: readonly Address[]): Peers;
}

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

export function createNetwork(
  scheduler: Scheduler,
  random: Random,
  faults: Faults,
  { answersAfterMs }: Pick<World, "answersAfterMs">,
  onLeaving: OnLeaving,
): Network {
  const nodes = new Map<Address, Answering>();
  const cuts = new Map<string, number>();
  const linkOf = (one: Address, other: Address) => (one < other ? `${one} ${other}` : `${other} ${one}`);
  let silentUntilMs = 0;
  const isCut = (one: Address, other: Address) =>
    Math.max(silentUntilMs, cuts.get(linkOf(one, other)) ?? 0) > scheduler.nowMs();
  const delayMs = () => 2 + random.below(30) + (faults.strikes("message-late") ? random.below(2_500) : 0);

  const call = <A, T>(
    from: Address,
    to: Address,
    timeoutMs: number,
    request: unknown,
    run: (node: Answering, body: unknown) => Promise<A> | A,
    parse: (answer: unknown) => T,
    leaving: (answer: A) => void = () => {},
  ): Promise<T> => {
    return new Promise<T>((resolve, reject) => {
      scheduler.after(timeoutMs, () => reject(new PeerError(`${to} did not answer`)));
      const arrive = async () => {
        const node = nodes.get(to);
        if (node === undefined || isCut(from, to)) return;
        try {
          const answer = await run(node, overTheWire(request ?? null));
          if (nodes.get(to) !== node) return; // crashed before it answered
          leaving(answer);
          if (faults.strikes("answer-lost")) return;
          const said = overTheWire(answer);
          scheduler.after(answersAfterMs + delayMs(), () => {
            if (isCut(from, to)) return;
            try {
              resolve(parse(said));
            } catch (error) {
              reject(new PeerError("a peer's answer is malformed", error));
            }
          });
        } catch (error) {
          scheduler.after(delayMs(), () => reject(new PeerError(`${to} answered 500`, error)));
        }
      };
      if (!faults.strikes("message-lost")) scheduler.after(delayMs(), arrive);
      if (faults.strikes("message-repeated")) scheduler.after(delayMs() + random.below(1_500), arrive);
    });
  };

  return {
    join: (address, node) => nodes.set(address, node),
    leave: (address) => nodes.delete(address),
    cut: (one, other, untilMs) => cuts.set(linkOf(one, other), untilMs),
    silence: (untilMs) => {
      silentUntilMs = untilMs;
    },
    peersOf: (from, others) => ({
      addresses: others,
      propose(to, proposal, timeoutMs) {
        onLeaving(from, proposal.header, [proposal.signature]);
        return call(
          from,
          to,
          timeoutMs,
          proposal,
          (node, body) => node.considerProposal(proposalSchema.parse(body)),
          (answer) => proposalAnswerSchema.parse(answer),
          (answer) => {
            if ("signature" in answer) onLeaving(to, proposal.header, [answer.signature]);
          },
        );
      },
      deliver(to, notice, timeoutMs) {
        onLeaving(from, notice.header, notice.signatures);
        return call(
          from,
          to,
          timeoutMs,
          notice,
          async (node, body) => {
            await node.receiveAttestation(attestationNoticeSchema.parse(body));
            return null;
          },
          () => undefined,
        );
      },
      epochs: (to, epoch, timeoutMs) =>
        call(
          from,
          to,
          timeoutMs,
          null,
          (node) => ({ records: node.epochRecords(epoch) }),
          (answer) => epochRecordsSchema.parse(answer).records,
          ({ records }) => {
            for (const { proposal, signatures } of records) {
              onLeaving(to, proposal.header, [proposal.signature, ...signatures]);
            }
          },
        ),
      status: (to, timeoutMs) =>
        call(
          from,
          to,
          timeoutMs,
          null,
          (node) => node.status(),
          (answer) => peerStatusSchema.parse(answer),
        ),
    }),
  };
}
