import { buildChainTree, buildRootTree } from "@plimsoll/protocol/chain-tree";
import type { ChainLeaves, TransitionInput } from "@plimsoll/protocol/epoch";
import type { Eid } from "@plimsoll/protocol/ids";
import { computeEpoch, type TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import { epochsToReckonWith, type PathRule, soundPathRule } from "@plimsoll/protocol/transition/path";

// Transitions that leave out what the sound one knows of exits and of feeds.

/** What may leave by exit is not taken off the capacity. */
export const withoutExits: PathRule = { ...soundPathRule, exits: () => [] };

/** The same for what the posted epoch lets go; of later ones it is known. */
export const withoutPostedExits: PathRule = {
  ...soundPathRule,
  exits: (chain, earlier) =>
    epochsToReckonWith(chain, earlier).filter(({ header }) => header.epoch !== chain.postedEpoch),
};

/** As if who holds nothing at the cut could take out all that was deposited, whatever else the epoch allots. */
export function lettingAllExit(input: TransitionInput): TransitionResult {
  const result = computeEpoch(input, soundPathRule);
  const chains = new Map(
    [...result.epoch.chains].map(([eid, leaves]) => {
      const totals = input.state.chains.get(eid)?.vaultTotals;
      const withdrawals = [...leaves.withdrawals].map(([key, one]) => {
        const isIdle = one.exitTotal > one.approvedTotal;
        return [key, isIdle ? { ...one, exitTotal: totals?.get(key)?.deposited ?? 0n } : one] as const;
      });
      return [eid, { ...leaves, withdrawals: new Map(withdrawals) }] as const;
    }),
  );
  return withChains(result, chains);
}

/** As if every feed had answered just now: a price that nobody vouches for counts like any other. */
export function trustingSilentFeeds(input: TransitionInput): TransitionResult {
  const { state, issuedAt } = input;
  const now = Math.max(issuedAt, state.chains.get(state.hub.eid)?.block.timestampSeconds ?? 0);
  const prices = [...state.hub.prices].map(([id, answer]) => [id, { ...answer, updatedAtSeconds: now }] as const);
  return computeEpoch({ ...input, state: { ...state, hub: { ...state.hub, prices: new Map(prices) } } }, soundPathRule);
}

function withChains(result: TransitionResult, chains: ReadonlyMap<Eid, ChainLeaves>): TransitionResult {
  const { epoch } = result;
  const chainRoots = new Map(
    [...chains].map(([eid, leaves]) => [eid, buildChainTree(leaves, epoch.instruments).root] as const),
  );
  const header = { ...epoch.header, root: buildRootTree(chainRoots).root };
  return { ...result, epoch: { ...epoch, header, chains, chainRoots } };
}
