import { reasonOf } from "@plimsoll/indexer/rpc/reason";
import { BaseError, HttpRequestError } from "viem";
import { describeError } from "../log.ts";

/** One thing that was looked at. `problem` is null when it is well. */
export interface Finding {
  readonly subject: string;
  readonly problem: string | null;
  readonly hint: string | null;
}

export const well = (subject: string): Finding => ({ subject, problem: null, hint: null });
export const wrong = (subject: string, problem: string, hint: string): Finding => ({ subject, problem, hint });

/** A failure to look is a finding, too. */
export async function looking(subject: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const hint =
      error instanceof Error && "hint" in error ? String(error.hint) : "Check that it runs and can be reached.";
    // Of a call, what was wrong with the connection: its own message says no more than that it failed.
    const failedCall = error instanceof BaseError && error.walk((cause) => cause instanceof HttpRequestError) !== null;
    const { message } = describeError(error) as { message?: unknown };
    return wrong(subject, failedCall ? `it cannot be asked: ${reasonOf(error)}` : String(message), hint);
  }
}
