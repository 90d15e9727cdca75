import { RelayerError } from "../errors.ts";
import type { EpochRef } from "./messages.ts";

/** A peer did not answer, or answered nonsense. */
export class PeerError extends RelayerError {
  override readonly name = "PeerError";

  constructor(message: string, cause?: unknown) {
    super(message, {
      code: "peer",
      hint: "Check that the peer runs, that its url in [[peers]] is right, that it names this operator, and that both run one version.",
      cause,
    });
  }
}

/** Why an epoch of somebody else's is not taken over. */
export type Unverifiable =
  | "not-found"
  | "malformed"
  | "cut-mismatch"
  | "not-indexed-yet"
  | "block-not-canonical"
  | "unknown-proposer"
  | "not-computable"
  | "different-result"
  | "issued-in-future"
  | "not-attested"
  | "too-deep";

/** An epoch that a proposal builds on could neither be found nor be verified. */
export class UnverifiableEpochError extends RelayerError {
  override readonly name = "UnverifiableEpochError";
  readonly ref: EpochRef;
  readonly because: Unverifiable;

  constructor(ref: EpochRef, because: Unverifiable, cause?: unknown) {
    super(`Epoch ${ref.epoch} cannot be verified: ${because}.`, {
      code: "unverifiable-epoch",
      hint: "A proposal that builds on it is refused; the next one is tried by itself.",
      cause,
    });
    this.ref = ref;
    this.because = because;
  }
}
