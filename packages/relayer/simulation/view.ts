import { CutConflictError } from "@plimsoll/indexer/errors";
import type { Eid } from "@plimsoll/protocol/ids";
import { chainStateOf } from "@plimsoll/protocol/simulation/chains";
import { hubStateOf } from "@plimsoll/protocol/simulation/market";
import type { Cut, CutBlock, MarginParameters, StateAtCut } from "@plimsoll/protocol/state";
import type { ChainView } from "../src/quorum/chainView.ts";
import type { Chain } from "./chain.ts";
import { type Block, eids, hubEid } from "./state.ts";

export const lifetimeSeconds = 10;
const margin: MarginParameters = {
  maintenanceBps: 6000,
  bufferBps: 300,
  stickyBps: 200,
  maxLeverage: 8,
  attestationLifetimeSeconds: lifetimeSeconds,
};

/** How one operator's index stands to one chain. Its checkpoint outlives the process. */
export interface Index {
  lagMs: number;
  /** It saw its finality broken, or its endpoints disagree: it follows the chain no more. */
  halted: boolean;
  finalized: number;
}

export const plain = ({ eid, number, hash, timestampSeconds }: Block): CutBlock => ({
  eid,
  number,
  hash,
  timestampSeconds,
});

/** What the indexer would read at these blocks, one for every chain. */
export function stateOf(blocks: readonly Block[]): StateAtCut {
  const hub = blocks.find(({ eid }) => eid === hubEid);
  if (hub === undefined) throw new RangeError("the hub has a block");
  return {
    cut: blocks.map(plain),
    hub: { ...hubStateOf(hub.state, hub.state.market, margin), weights: hub.state.weights },
    chains: new Map(
      blocks.map((block) => [block.eid, { ...chainStateOf(block.eid, block.state), block: plain(block) }]),
    ),
  };
}

/** The same rules as `indexView`, over simulated chains: what has not reached this index is not there. */
export function createView(
  chains: ReadonlyMap<Eid, Chain>,
  indexes: ReadonlyMap<Eid, Index>,
  states: Map<string, StateAtCut>,
  nowMs: () => number,
): ChainView {
  const blocksOf = (eid: Eid) => chains.get(eid)?.blocks ?? [];
  const follow = (eid: Eid): Index => {
    const index = indexes.get(eid);
    if (index === undefined) throw new RangeError(`no index of ${eid}`);
    const seenMs = nowMs() - index.lagMs;
    while (!index.halted && (blocksOf(eid)[index.finalized + 1]?.finalizedAtMs ?? Infinity) <= seenMs)
      index.finalized++;
    return index;
  };
  const check = (block: CutBlock): "canonical" | "unknown" | "conflict" => {
    const index = follow(block.eid);
    const stored = blocksOf(block.eid)[block.number];
    if (stored === undefined || stored.minedAtMs > nowMs() - index.lagMs) {
      if (stored === undefined || block.number > index.finalized) return "unknown";
    }
    const same = stored.hash === block.hash && stored.timestampSeconds === block.timestampSeconds;
    return same && !index.halted ? "canonical" : "conflict";
  };
  /** Sets of the registry up to a cut, the newest first. */
  const registeredAt = (cut: Cut) => {
    const hub = cut.find(({ eid }) => eid === hubEid);
    return [...(blocksOf(hubEid)[hub?.number ?? -1]?.state.registry ?? [])].reverse();
  };
  return {
    eids,
    finalizedCut(previous) {
      const cut: CutBlock[] = [];
      for (const eid of eids) {
        const index = follow(eid);
        if (index.halted) return null;
        const before = previous?.find((block) => block.eid === eid);
        if (before !== undefined && check(before) === "conflict") {
          throw new CutConflictError("another block was final", "Compare endpoints.");
        }
        const newest = blocksOf(eid)[index.finalized];
        if (newest === undefined) return null;
        cut.push(before !== undefined && newest.number < before.number ? before : plain(newest));
      }
      return cut;
    },
    checkBlock(block) {
      const known = check(block);
      if (known === "conflict") return "not-canonical";
      return known === "canonical" && block.number <= follow(block.eid).finalized ? "canonical" : "not-indexed";
    },
    stateAt(cut: Cut) {
      const key = cut.map(({ hash }) => hash).join();
      const known = states.get(key);
      if (known !== undefined) return known;
      const blocks = cut.map(({ eid, number, hash }) => {
        const block = blocksOf(eid)[number];
        if (block === undefined || block.hash !== hash)
          throw new CutConflictError("no such block", "Compare endpoints.");
        return block;
      });
      const state = stateOf(blocks);
      states.set(key, state);
      return state;
    },
    isPosted: ({ epoch, root, expiresAt }) =>
      eids.some((eid) => {
        const { finalized } = follow(eid);
        // The newest blocks first: it is mostly asked of what has just been posted.
        for (let number = finalized; number >= 0; number--) {
          const posted = blocksOf(eid)[number]?.state.posted;
          if (posted?.epoch === epoch && posted.root === root && posted.expiresAt === expiresAt) return true;
        }
        return false;
      }),
    operatorSetAt: (cut) => registeredAt(cut)[0]?.set ?? null,
    replacedSetsAt(cut) {
      const sets = registeredAt(cut);
      return sets.slice(1).map(({ set }, index) => {
        return { ...set, replacedAtSeconds: sets[index]?.sinceSeconds ?? 0, lifetimeSeconds };
      });
    },
  };
}
