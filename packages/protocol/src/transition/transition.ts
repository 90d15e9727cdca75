import type { TreeCache } from "../chain-tree.ts";
import type { TransitionInput } from "../epoch.ts";
import { finish, type Steps } from "../steps.ts";
import { epochSteps, type TransitionResult } from "./compute-epoch.ts";
import { soundPathRule } from "./path.ts";

/**
 * The transition: what every chain may let every account do, from the state at a cut. Pure: same input, same bytes,
 * whatever the order of its maps.
 *
 * @param cache Keep one from epoch to epoch to save hashing; results do not depend on it.
 * @throws {MissingEarlierEpoch} when an epoch that is posted at the cut is not among `input.earlier`.
 * @throws {InconsistentState} when the cut names a chain that the state has not.
 * @throws {InvalidScenarioSet} when the registered scenario set cannot be used.
 * @example
 * const { epoch } = transition({ epoch: 1, operatorSetId: 1, issuedAt, state, earlier: [] });
 * const { signature } = await signHeader(epoch.header, salt, privateKey);
 */
export function transition(input: TransitionInput, cache?: TreeCache): TransitionResult {
  return finish(transitionSteps(input, cache));
}

/** The transition in steps, each a millisecond or so: with many accounts it takes seconds. Throws as `transition` does. */
export function transitionSteps(input: TransitionInput, cache?: TreeCache): Steps<TransitionResult> {
  return epochSteps(input, soundPathRule, cache);
}
