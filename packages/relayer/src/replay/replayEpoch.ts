import type { Epoch } from "@plimsoll/protocol/epoch";
import type { Hex } from "viem";
import type { ChainView } from "../quorum/chainView.ts";
import type { EpochRef } from "../quorum/messages.ts";
import type { Protocol } from "../quorum/protocol.ts";
import { checkBlocks } from "../quorum/rules.ts";
import type { KeptProposal } from "../rebuild/readProposals.ts";
import { type Difference, firstDifference } from "./difference.ts";
import { ReplayError } from "./errors.ts";

/** How one candidate of an epoch's number came out. */
export interface Replayed {
  readonly proposal: KeptProposal;
  /** Earlier epochs that had to be computed again, because their content is not kept. */
  readonly recomputed: number;
  /** Null when it came out equal. */
  readonly difference: {
    /** The epoch that came out differently: the one asked for, or one that it builds on. */
    readonly epoch: number;
    /** `first` is on record, `second` was computed. Null where only the digest is on record, or the digest is false. */
    readonly at: Difference | null;
    readonly root: { readonly onRecord: Hex; readonly computed: Hex };
  } | null;
}

export interface ReplayOptions {
  /** Every proposal on record. */
  readonly proposals: readonly KeptProposal[];
  /** What an epoch's root covers, as it is kept; null where it is not. */
  readonly contentOf: (ref: EpochRef) => Epoch | null;
  readonly view: ChainView;
  readonly protocol: Pick<Protocol, "transition" | "digest">;
  /** Told before each epoch that is computed. */
  readonly onCompute?: (epoch: number) => void;
}

/**
 * Computes an epoch again from its cut and the earlier epochs it counted, and compares. Earlier ones whose content is not
 * kept any more are computed again, too, as far back as it takes.
 *
 * @returns every candidate of that number, attested ones first.
 * @throws ReplayError when the epoch, one that it builds on, or a block of a cut is not in this database.
 * @example
 * const [attested] = await replayEpoch(1234, { proposals: readProposals(path), contentOf, view, protocol });
 */
export async function replayEpoch(epoch: number, options: ReplayOptions): Promise<Replayed[]> {
  const candidates = options.proposals.filter(({ header }) => header.epoch === epoch);
  if (candidates.length === 0) {
    throw new ReplayError(`Epoch ${epoch} is not on record here.`, "Numbers may be left out: see GET /v1/epochs.");
  }
  candidates.sort((a, b) => Number(b.attested) - Number(a.attested));
  const replayed: Replayed[] = [];
  for (const proposal of candidates) replayed.push(await replayOne(proposal, options));
  return replayed;
}

async function replayOne(target: KeptProposal, options: ReplayOptions): Promise<Replayed> {
  const { contentOf } = options;
  const epochs = new Map<Hex, Epoch>();
  const order = neededBy(target, options);
  for (const proposal of order) {
    const computed = await compute(proposal, epochs, options);
    if (options.protocol.digest(computed.header) !== proposal.digest) {
      const kept = contentOf({ epoch: proposal.header.epoch, digest: proposal.digest });
      const at = kept === null ? firstDifference(proposal.header, computed.header) : firstDifference(kept, computed);
      const root = { onRecord: proposal.header.root, computed: computed.header.root };
      const difference = { epoch: proposal.header.epoch, at, root };
      return { proposal: target, recomputed: order.indexOf(proposal), difference };
    }
    epochs.set(proposal.digest, computed);
  }
  return { proposal: target, recomputed: order.length - 1, difference: null };
}

/** Everything that has to be computed, in the order in which it can be; the target last. */
function neededBy(target: KeptProposal, { proposals, contentOf }: ReplayOptions): KeptProposal[] {
  const known = new Map(proposals.map((proposal) => [proposal.digest, proposal]));
  const needed = new Map<Hex, KeptProposal>([[target.digest, target]]);
  for (const { header, earlier } of needed.values()) {
    for (const ref of earlier) {
      if (needed.has(ref.digest) || contentOf(ref) !== null) continue;
      const proposal = known.get(ref.digest);
      if (proposal === undefined) {
        const hint = "Replay a newer epoch, or replay it on an operator's node that has been there for longer.";
        throw new ReplayError(`Epoch ${ref.epoch}, on which ${header.epoch} builds, is not on record here.`, hint);
      }
      needed.set(ref.digest, proposal);
    }
  }
  return [...needed.values()].sort((a, b) => a.header.epoch - b.header.epoch);
}

async function compute(
  proposal: KeptProposal,
  computed: ReadonlyMap<Hex, Epoch>,
  options: ReplayOptions,
): Promise<Epoch> {
  const { view, protocol, contentOf, onCompute } = options;
  const { header, cut } = proposal;
  const { epoch, operatorSetId, issuedAt } = header;
  const unread = checkBlocks(cut, view);
  if (unread !== null) {
    const hint = "Wait until this node has caught up; if it has, its RPC endpoints show it another chain.";
    throw new ReplayError(`The cut of epoch ${epoch} cannot be read here: ${unread.code}.`, hint);
  }
  onCompute?.(epoch);
  const earlier = proposal.earlier.flatMap((ref) => computed.get(ref.digest) ?? contentOf(ref) ?? []);
  return (await protocol.transition({ epoch, operatorSetId, issuedAt, state: view.stateAt(cut), earlier })).epoch;
}
