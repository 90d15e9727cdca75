import type { Plimsoll } from "../createPlimsoll.ts";
import { type EpochStatus, epochSchema, epochsSchema } from "../node/epochSchema.ts";
import { type RequestNodeErrorType, requestNode } from "../node/requestNode.ts";

export interface GetEpochParameters {
  /** The newest attested one by default. */
  readonly epoch?: number | bigint | undefined;
}

/** Null before the first epoch. */
export type GetEpochReturnType = EpochStatus | null;
export type GetEpochErrorType = RequestNodeErrorType;

/**
 * An epoch: its header, cut, signers, and the chains where it was posted.
 * @throws {NodeProblem} if the node does not have it
 * @example
 * const epoch = await getEpoch(plimsoll);
 * epoch?.signers;
 */
export async function getEpoch(plimsoll: Plimsoll, parameters: GetEpochParameters = {}): Promise<GetEpochReturnType> {
  const { epoch } = parameters;
  if (epoch !== undefined) return requestNode(plimsoll, { path: `/v1/epochs/${epoch}`, schema: epochSchema });
  const [newest] = await requestNode(plimsoll, { path: "/v1/epochs", query: { limit: "1" }, schema: epochsSchema });
  return newest ?? null;
}
