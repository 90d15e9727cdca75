import { PlimsollError } from "./plimsollError.ts";

export class WaitTimedOut extends PlimsollError {
  constructor(what: string, timeoutMilliseconds: number, options?: ErrorOptions) {
    super(
      "WAIT_TIMED_OUT",
      `Waited ${timeoutMilliseconds} ms for ${what}.`,
      "Wait longer, or look at the node's /v1/health and /v1/messages for what is stuck. Nothing was lost.",
      options,
    );
  }
}

/** LayerZero delivered the message and the receiver refused it. */
export class MessageFailed extends PlimsollError {
  readonly guid: string;

  constructor(guid: string) {
    super(
      "MESSAGE_FAILED",
      `Message ${guid} was verified, and its execution failed.`,
      "Anyone may execute it again at the endpoint (lzReceive); or send the totals anew with reportCollateral.",
    );
    this.guid = guid;
  }
}
