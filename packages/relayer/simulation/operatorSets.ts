import type { Eid } from "@plimsoll/protocol/ids";
import type { OperatorSet } from "../src/quorum/chainView.ts";
import type { Transaction } from "./chain.ts";
import { hubEid, type InstalledSets, type State } from "./state.ts";

// What the contracts do with operator sets, rule for rule.

/**
 * As `SolvencyAttestations.PREVIOUS_SET_GRACE_SECONDS`. Nothing that is safe hangs on its length; here it is short enough to end
 * before the attestations that it is for.
 */
const graceSeconds = 3;

/** `SolvencyAttestations._setFor`: the set of a header, as far as signatures of it are taken. */
export function setFor({ current, previous }: InstalledSets, id: number, nowSeconds: number): OperatorSet | null {
  if (current.id === id) return current;
  return previous?.set.id === id && nowSeconds < previous.validUntilSeconds ? previous.set : null;
}

/** `SolvencyAttestations._install`: one that is not newer is ignored. */
function installed(state: State, set: OperatorSet, nowSeconds: number): State {
  const { current } = state.operators;
  if (set.id <= current.id) return state;
  const previous = { set: current, validUntilSeconds: nowSeconds + graceSeconds };
  return { ...state, operators: { current: set, previous } };
}

/** `SolvencyAttestations._lzReceive`. */
export const installTransaction = (set: OperatorSet): Transaction => ({
  what: `hears of operators ${set.id}`,
  apply: (state, now) => ({ state: installed(state, set, now) }),
});

/** `OperatorRegistry.setOperators`, of the set that comes next. */
export const setOperatorsTransaction = (set: OperatorSet): Transaction => ({
  what: `operators ${set.id}: ${set.threshold} of ${set.members.map((member) => member.slice(0, 6)).join(" ")}`,
  apply(state, now) {
    if (set.id !== state.registry.length + 1) return null;
    const registry = [...state.registry, { set, sinceSeconds: now }];
    return { state: installed({ ...state, registry }, set, now) };
  },
});

/** `OperatorRegistry.broadcast`: the newest set, whichever was meant. */
export const broadcastTransaction = (to: Eid): Transaction => ({
  what: `broadcasts operators to ${to}`,
  apply(state) {
    const set = state.registry.at(-1)?.set;
    return set === undefined ? null : { state, message: { eid: hubEid, to, set } };
  },
});
