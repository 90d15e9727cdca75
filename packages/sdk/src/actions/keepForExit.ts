import type { AccountId } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import type { Plimsoll } from "../createPlimsoll.ts";
import { type SetWeightsErrorType, type SetWeightsReturnType, setWeights } from "./setWeights.ts";

export interface KeepForExitParameters {
  /**
   * What of an idle account's collateral can leave without operators, and is allotted to no market meanwhile: `half`, as
   * for who never said anything; `everything`; or `nothing`, so that all of it can be traded with at once.
   */
  readonly keep: "everything" | "half" | "nothing";
  /** The wallet's sub-account 0 by default. */
  readonly account?: AccountId | undefined;
  readonly connector?: Connector | undefined;
}

export type KeepForExitReturnType = SetWeightsReturnType;
export type KeepForExitErrorType = SetWeightsErrorType;

/**
 * Says how much of an account's collateral stays free to leave by `claimExit` while it holds nothing. What markets give up
 * for it can leave an epoch or two later, and the other way round; an open position ends it, whatever was said.
 *
 * Free capacity is shared among markets by use again: `setWeights` names markets and what is kept at once.
 *
 * @example
 * await keepForExit(config, plimsoll, { keep: "everything" });
 */
export function keepForExit(
  config: Config,
  plimsoll: Plimsoll,
  { keep, account, connector }: KeepForExitParameters,
): Promise<KeepForExitReturnType> {
  const keptForExit = { everything: 1, half: undefined, nothing: 0 }[keep];
  return setWeights(config, plimsoll, { weights: [], keptForExit, account, connector });
}
