import type { TransitionInput } from "@plimsoll/protocol/epoch";
import type { Cut, StateAtCut } from "@plimsoll/protocol/state";
import type { TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import type { Hex } from "viem";
import type { Context } from "./context.ts";

export interface Computed extends TransitionResult {
  readonly digest: Hex;
}

/** This node's own run of the transition; the error's code when it does not run on this input. */
export async function compute(
  context: Pick<Context, "protocol" | "log">,
  input: TransitionInput,
): Promise<Computed | { because: string }> {
  try {
    const result = await context.protocol.transition(input);
    return { ...result, digest: context.protocol.digest(result.epoch.header) };
  } catch (error) {
    context.log.error({ epoch: input.epoch, err: error }, "transition failed");
    return { because: codeOf(error) };
  }
}

/** The state at a cut; the error's code when this node's index cannot give it. */
export function readState(context: Pick<Context, "view" | "log">, cut: Cut): StateAtCut | { because: string } {
  try {
    return context.view.stateAt(cut);
  } catch (error) {
    context.log.error({ err: error }, "state at the cut cannot be read");
    return { because: codeOf(error) };
  }
}

const codeOf = (error: unknown): string =>
  (error instanceof Error && "code" in error ? String(error.code) : "unexpected").slice(0, 64);
