import type { Hex } from "viem";
import type { Plimsoll } from "../createPlimsoll.ts";
import { isProblem } from "../errors/node.ts";
import { type Message, messageSchema } from "../node/messageSchema.ts";
import { type RequestNodeErrorType, requestNode } from "../node/requestNode.ts";

export interface TrackMessageParameters {
  /** As `deposit` and `reportCollateral` return it. */
  readonly guid: Hex;
}

/** Null until the node has seen the block in which it was sent. */
export type TrackMessageReturnType = Message | null;
export type TrackMessageErrorType = RequestNodeErrorType;

/**
 * Where a LayerZero message is: sent, verified, delivered, or failed.
 * @throws {NodeUnreachable}
 * @example
 * const message = await trackMessage(plimsoll, { guid });
 * message?.status; // "verified"
 */
export async function trackMessage(
  plimsoll: Plimsoll,
  parameters: TrackMessageParameters,
): Promise<TrackMessageReturnType> {
  try {
    return await requestNode(plimsoll, { path: `/v1/messages/${parameters.guid}`, schema: messageSchema });
  } catch (error) {
    if (isProblem(error, "unknown-message")) return null;
    throw error;
  }
}
