import { buildChainTree, buildRootTree } from "@plimsoll/protocol/chain-tree";
import type { Allotment, Epoch, Header } from "@plimsoll/protocol/epoch";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Cut } from "@plimsoll/protocol/state";
import type { Address } from "viem";
import type { Context } from "../src/quorum/context.ts";
import { postableEpochs, refOf } from "../src/quorum/known.ts";
import type { EpochRecordMessage, Proposal } from "../src/quorum/messages.ts";
import { refuse } from "../src/quorum/refusal.ts";
import { chainsAtCut, isRelevantAt } from "../src/quorum/relevance.ts";
import type { LieKind } from "./faults.ts";
import type { Answering } from "./network.ts";
import { hubEid } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";
import { plain, stateOf } from "./view.ts";

const lies: readonly LieKind[] = [
  "lie-two-roots",
  "lie-two-roots",
  "lie-false-cut",
  "lie-old-cut",
  "lie-left-out-epoch",
  "lie-forged-result",
  "lie-replay",
];

/** An operator with a real node, whose owner does with its key what he likes. */
export interface Liar {
  /** What the node says to others, bent. */
  bend(engine: Answering, context: Context): Answering;
  /** Tells one lie to the peers. */
  lie(context: Context): void;
}

export function createLiar(address: Address, around: Surroundings): Liar {
  const { random, faults, oracle, signatures, chains, network, membership } = around;
  const records = new Map<number, EpochRecordMessage[]>();
  // Where sets change, a liar does most harm as what two quorums have in common.
  const [withholds, signsAnything] = around.world.rotates ? [0.05, 0.85] : [0.2, 0.4];
  const heard: Proposal[] = [];
  const others = membership.machines.filter((machine) => machine !== address);
  const peers = network.peersOf(address, others);

  const sign = (header: Header, context: Context) => {
    const digest = context.protocol.digest(header);
    const signature = signatures.sign(address, digest);
    around.onLeaving(address, header, [signature]);
    return signature;
  };

  const tell = (proposal: Proposal, to: readonly Address[]) => {
    for (const peer of to) void peers.propose(peer, proposal, 1_500).catch(() => undefined);
  };

  /** A proposal like an honest one, but for what the lie changes. */
  const make = async (
    context: Context,
    cut: Cut,
    issuedAt: number,
    { leaveOut = false, forge = false } = {},
  ): Promise<Proposal | null> => {
    const { store, protocol } = context;
    const state = stateOf(cut.flatMap(blockAt));
    if (state.cut.length < cut.length) return null;
    const all = postableEpochs(store).filter((epoch) => isRelevantAt(epoch, chainsAtCut(cut, state)));
    const left = leaveOut ? random.below(all.length) : -1;
    const chosen = all.filter((_, index) => index !== left);
    const earlier = chosen.flatMap((summary) => store.content(refOf(summary))?.epoch ?? []);
    if (earlier.length < chosen.length) return null;
    const epoch = store.highestEpoch() + 1;
    const operatorSetId = context.view.operatorSetAt(cut)?.id ?? 0;
    try {
      const result = await protocol.transition({ epoch, operatorSetId, issuedAt, state, earlier });
      const content = forge ? forged(result.epoch) : result.epoch;
      const { header } = content;
      const digest = protocol.digest(header);
      if (forge) oracle.forged(digest, content);
      const proposal = { header, cut: [...cut], earlier: chosen.map(refOf), signature: sign(header, context) };
      const encoded = Buffer.from(protocol.encode(content)).toString("base64");
      const record = { proposal, content: encoded, signatures: [proposal.signature] };
      records.set(epoch, [...(records.get(epoch) ?? []), record].slice(-8));
      return proposal;
    } catch {
      return null; // the transition does not run without what was left out
    }
  };

  const blockAt = ({ eid, number, hash }: Cut[number]) => {
    const block = chains.get(eid)?.blocks[number];
    return block?.hash === hash ? [block] : [];
  };

  const beforeRotation = (cut: Cut): Cut => {
    const { registry } = chains.get(hubEid)?.head().state ?? { registry: [] };
    const last = chains.get(hubEid)?.blocks.findLast(({ state }) => state.registry.length < registry.length);
    return cut.map((block) => (block.eid === hubEid && last !== undefined ? plain(last) : block));
  };

  const lieAbout = async (kind: LieKind, context: Context, cut: Cut, issuedAt: number): Promise<void> => {
    const half = others.filter(() => random.chance(0.5));
    const rest = others.filter((one) => !half.includes(one));
    const propose = (proposal: Proposal | null, to: readonly Address[] = others) => {
      if (proposal !== null) tell(proposal, to);
    };
    switch (kind) {
      case "lie-two-roots":
        propose(await make(context, cut, issuedAt), half);
        propose(await make(context, cut, issuedAt - 1), rest);
        break;
      case "lie-false-cut": {
        const heads = [...chains.values()].map((chain) => plain(chain.head()));
        const invented = cut.map((block) => ({ ...block, timestampSeconds: block.timestampSeconds + 1 }));
        propose(await make(context, random.chance(0.8) ? heads : invented, issuedAt));
        break;
      }
      case "lie-old-cut":
        propose(
          await make(
            context,
            cut.map((block) => {
              const older = chains.get(block.eid)?.blocks[block.number - 1 - random.below(4)];
              return older === undefined || random.chance(0.3) ? block : plain(older);
            }),
            issuedAt,
          ),
        );
        break;
      case "lie-former-set":
        // The newest blocks at which another set was in force.
        propose(await make(context, beforeRotation(cut), issuedAt));
        break;
      case "lie-left-out-epoch":
        propose(await make(context, cut, issuedAt, { leaveOut: true }));
        break;
      case "lie-forged-result":
        propose(await make(context, cut, issuedAt, { forge: true }));
        break;
      default:
        if (heard.length > 0) propose(random.pick(heard));
    }
  };

  return {
    bend: (engine, context) => ({
      status: () => engine.status(),
      receiveAttestation: (notice) => engine.receiveAttestation(notice),
      epochRecords: (epoch) => [...engine.epochRecords(epoch), ...(records.get(epoch) ?? [])],
      async considerProposal(proposal) {
        if (!faults.active) return await engine.considerProposal(proposal);
        heard.push(proposal);
        const mood = random.unit();
        if (mood < withholds) {
          faults.count("lie-withheld");
          return refuse({ code: "clock-skew", nowSeconds: 0 });
        }
        if (mood < withholds + signsAnything) {
          faults.count("lie-signed-anything");
          return { signature: sign(proposal.header, context) };
        }
        return await engine.considerProposal(proposal);
      },
    }),
    lie(context) {
      const cut = context.view.finalizedCut(null);
      if (cut === null) return;
      const isFormer = around.world.rotates && random.chance(0.2);
      const kind = isFormer ? "lie-former-set" : random.pick(lies);
      faults.count(kind);
      around.trace(`${address.slice(0, 6)} ${kind}`);
      void lieAbout(kind, context, cut, Math.floor(context.clock.nowMs() / 1000));
    },
  };
}

/** The same epoch with three times the allotments. */
function forged(epoch: Epoch): Epoch {
  const more = (allotment: Allotment): Allotment => ({
    ...allotment,
    losses: allotment.losses.map((loss) => loss * 3n + 10_000_000_000n),
  });
  const leaves = new Map(
    [...epoch.chains].map(([eid, chain]) => {
      const allotments = new Map(
        [...chain.allotments].map(([consumer, accounts]) => [
          consumer,
          new Map([...accounts].map(([account, one]): [AccountId, Allotment] => [account, more(one)])),
        ]),
      );
      return [eid, { ...chain, allotments }] as const;
    }),
  );
  const chainRoots = new Map(
    [...leaves].map(([eid, one]) => [eid, buildChainTree(one, epoch.instruments).root] as const),
  );
  return {
    ...epoch,
    chains: leaves,
    chainRoots,
    header: { ...epoch.header, root: buildRootTree(chainRoots).root },
  };
}
