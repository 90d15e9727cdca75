import type { Hex } from "viem";
import type { Plimsoll } from "../createPlimsoll.ts";
import type { Message } from "../node/messageSchema.ts";
import { watch } from "../watch.ts";
import { type TrackMessageErrorType, trackMessage } from "./trackMessage.ts";

export interface WatchMessageParameters {
  readonly guid: Hex;
  /** Called when the message is first seen, verified, and delivered. After delivery the watching ends by itself. */
  readonly onChange: (message: Message, previous: Message | null) => void;
  /** Called when a look fails; watching goes on. */
  readonly onError?: ((error: TrackMessageErrorType) => void) | undefined;
  readonly pollIntervalMilliseconds?: number | undefined;
}

/** Ends the watching. */
export type WatchMessageReturnType = () => void;

/**
 * Watches a LayerZero message on its way.
 * @example
 * const unwatch = watchMessage(plimsoll, { guid, onChange: ({ status }) => console.log(status) });
 */
export function watchMessage(plimsoll: Plimsoll, parameters: WatchMessageParameters): WatchMessageReturnType {
  return watch({
    look: () => trackMessage(plimsoll, parameters),
    onChange: parameters.onChange,
    onError: parameters.onError as ((error: unknown) => void) | undefined,
    isLast: ({ status }) => status === "delivered",
    intervalMilliseconds: parameters.pollIntervalMilliseconds ?? plimsoll.pollIntervalMilliseconds,
  });
}
