import type { Hex } from "viem";
import type { Plimsoll } from "../createPlimsoll.ts";
import { MessageFailed, type WaitTimedOut } from "../errors/waiting.ts";
import type { Message } from "../node/messageSchema.ts";
import { poll } from "../poll.ts";
import { type TrackMessageErrorType, trackMessage } from "./trackMessage.ts";

export interface WaitForMessageParameters {
  readonly guid: Hex;
  /** How far it must have come; "delivered" by default. */
  readonly status?: "sent" | "verified" | "delivered" | undefined;
  /** 60,000 by default. */
  readonly timeoutMilliseconds?: number | undefined;
  readonly pollIntervalMilliseconds?: number | undefined;
}

export type WaitForMessageReturnType = Message;
export type WaitForMessageErrorType = MessageFailed | WaitTimedOut | TrackMessageErrorType;

const order = ["sent", "verified", "delivered"];

/**
 * Waits until a LayerZero message has come as far as wanted.
 * @throws {MessageFailed} if the receiver refused it
 * @throws {WaitTimedOut}
 * @example
 * const { guid } = await deposit(config, plimsoll, { eid, asset, amount });
 * if (guid !== null) await waitForMessage(plimsoll, { guid });
 */
export async function waitForMessage(
  plimsoll: Plimsoll,
  parameters: WaitForMessageParameters,
): Promise<WaitForMessageReturnType> {
  const { guid, status = "delivered", timeoutMilliseconds = 60_000 } = parameters;
  return poll({
    what: `message ${guid} to be ${status}`,
    timeoutMilliseconds,
    intervalMilliseconds: parameters.pollIntervalMilliseconds ?? plimsoll.pollIntervalMilliseconds,
    look: async () => {
      const message = await trackMessage(plimsoll, { guid });
      if (message?.status === "failed") throw new MessageFailed(guid);
      return message !== null && order.indexOf(message.status) >= order.indexOf(status) ? message : null;
    },
  });
}
